/** `npm run quickstart`: what a newcomer types first prints what the notebook prints, and says where everything is when it ends. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cleanEnvironment, discard, root, startProduct } from '../support/e2e/product.ts'

/** A quickstart, what it printed so far for people and programs, and its end. */
const quickstart = (args: string[], env: Record<string, string>) => {
  const child = spawn(process.execPath, ['scripts/quickstart.mjs', ...args], {
    cwd: root,
    env: cleanEnvironment({ DATA_DIR: '', PORT: '0', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { out: '', all: '' }
  child.stdout.on('data', (chunk) => {
    printed.out += chunk
    printed.all += chunk
  })
  child.stderr.on('data', (chunk) => {
    printed.all += chunk
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, printed, ended }
}

/** Resolves once the output has this text. */
const says = (child: ChildProcess, printed: { all: string }, text: string): Promise<void> =>
  new Promise((found, failed) => {
    const look = () => printed.all.includes(text) && found()
    child.stdout?.on('data', look)
    child.once('close', () => failed(new Error(printed.all)))
  })

test('the quickstart with --once trains the notebook, prints epochs, weights, gradients and errors, and says that nothing is kept', async () => {
  const { printed, ended } = quickstart(['--once'], {})
  assert.equal(await ended, 0, printed.all)
  const losses = [...printed.out.matchAll(/epoch (\d+), loss (\d+\.\d{6})/g)]
  assert.deepEqual(
    losses.map((match) => match[1]),
    ['1', '2', '3'],
    printed.all,
  )
  assert.ok(Number(losses[2]?.[2]) < 2e-4)
  for (const said of [/weight/i, /bias/i, /gradient/i, /estimat/i, /nothing of it is kept/]) assert.match(printed.out, said)
  assert.doesNotMatch(printed.all, /http:\/\/\S*:\d/, 'no address of a service that has ended')
})

test('the quickstart ended by Ctrl-C says where it keeps its jobs, and they are there at the next start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-quickstart-'))
  await chmod(folder, 0o755)
  const { child, printed, ended } = quickstart([], { DATA_DIR: folder })
  try {
    await says(child, printed, 'Serving until Ctrl-C')
    assert.match(printed.out, /docs {2}http:\/\/\S+\/docs/)
    child.kill('SIGINT')
    assert.equal(await ended, 0, printed.all)
    assert.ok(printed.out.trimEnd().split('\n').at(-1)?.includes(`are kept in ${folder}`), printed.out)
    const product = await startProduct({ DATA_DIR: folder })
    try {
      const { data } = await product.api.get<{ data: { status: string }[] }>('/v1/jobs')
      assert.deepEqual(
        data.map(({ status }) => status),
        ['succeeded'],
      )
    } finally {
      await discard(product)
    }
  } finally {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
})
