import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const parentSource = `
  import { fork } from 'node:child_process'
  const child = fork(process.argv[1], { execArgv: ['--import', 'tsx'], serialization: 'advanced' })
  child.on('message', (message) => {
    if (message.ready) child.send({ id: 1, method: 'spin', argument: null })
    else console.log(child.pid)
  })
`

const firstLine = async (child: ChildProcess): Promise<string> => {
  assert.ok(child.stdout)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return String(line)
}

/** Resolves once no process has this id. */
const gone = async (pid: number): Promise<void> => {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a child that computes without a pause ends when its parent is killed', { timeout: 30_000 }, async () => {
  const spinning = fileURLToPath(new URL('../../support/spinning.child.ts', import.meta.url))
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', parentSource, spinning], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = Number(await firstLine(parent))
  parent.kill('SIGKILL')
  await gone(pid)
})
