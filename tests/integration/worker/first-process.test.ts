import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { candidatesFor } from '../../../workers/engine/backends/native/locate.ts'
import { startFirstChild } from '../../../workers/training/first-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'trainyard-first-child-'))
after(() => rmSync(folder, { recursive: true }))

const skip = candidatesFor('tensorflow').length === 0 && 'native TensorFlow is not installed'

/** The environment of children that run this first. */
const running = (code: string): NodeJS.ProcessEnv => {
  const path = join(folder, 'first.cjs')
  writeFileSync(path, code)
  return { ...process.env, NODE_OPTIONS: `--require ${path}` }
}

describe('the first training child', () => {
  it('has proved TensorFlow when it is there, and trains then', { skip }, async () => {
    const { reports, child } = await startFirstChild('tensorflow', { slots: 1, env: process.env })
    assert.deepEqual(
      reports.map(({ name, ok }) => [name, ok]),
      [['tensorflow', true]],
    )
    assert.match(reports[0]?.ok ? reports[0].version : '', /^\d+\.\d+/)
    assert.ok(child)
    assert.ok((await child.call('close', null)).rss > 0)
    await child.kill()
  })

  it('is none where another backend is to train', async () => {
    const { reports, child } = await startFirstChild('wasm', { slots: 1, env: process.env })
    assert.deepEqual([reports.map(({ name, ok }) => [name, ok]), child], [[['wasm', true]], undefined])
  })

  it('that throws says what, and the next backend is taken', { skip }, async () => {
    const env = running(`if (process.send) throw new Error('the library is of another planet')`)
    const { reports, child } = await startFirstChild('auto', { slots: 1, env })
    const tensorflow = reports.find(({ name }) => name === 'tensorflow')
    assert.deepEqual(tensorflow, { name: 'tensorflow', ok: false, reason: 'the library is of another planet' })
    assert.deepEqual([reports.at(-1)?.name, reports.at(-1)?.ok, child], ['wasm', true, undefined])
  })

  it('that dies without a word says of what', { skip }, async () => {
    const env = running(`if (process.send) process.kill(process.pid, 'SIGABRT')`)
    const { reports } = await startFirstChild('tensorflow', { slots: 1, env })
    assert.match(reports[0]?.ok === false ? reports[0].reason : '', /SIGABRT/)
  })
})
