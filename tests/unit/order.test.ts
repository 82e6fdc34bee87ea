/** The check of the order within files sees what it is there for: in a small tree it names the helper, and nothing else. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, it } from 'node:test'

const script = resolve(import.meta.dirname, '../../scripts/check-order.mjs')
const folders: string[] = []

after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

/** What the check says of a tree with one file. */
const checked = async (text: string): Promise<{ code: unknown; out: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-order-'))
  folders.push(folder)
  const file = join(folder, 'workers/planted/file.ts')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return new Promise((done) => {
    execFile(process.execPath, [script, folder], (error, out, err) => done({ code: error?.code ?? 0, out: out + err }))
  })
}

it('the check of order names a helper that stands above an exported function', async () => {
  for (const helper of [
    'const helper = (x: number) => x',
    'const helper = function (x: number) { return x }',
    'function helper(x: number) { return x }',
  ]) {
    const { code, out } = await checked(`export const first = () => one\nconst one = 1\n${helper}\nexport const use = () => helper(one)\n`)
    assert.equal(code, 1)
    assert.match(out, /workers\/planted\/file\.ts:3 helper/)
  }
})

it('the check of order lets types, classes and constants stand above, and helpers below', async () => {
  const { code, out } = await checked(
    `type A = number\nclass B {}\nconst one: A = helper(1)\nexport const use = () => [one, new B()]\nfunction helper(x: A) { return x }\n`,
  )
  assert.equal(code, 0, out)
  assert.match(out, /^1 files read/)
})

it('the check of order has nothing to say of a file that exports no function', async () => {
  const { code, out } = await checked('const helper = (x: number) => x\nexport const one = helper(1)\n')
  assert.equal(code, 0, out)
})
