import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { entryOf, readingEntries } from '../../support/entry.ts'

const parentSource = `
  import { fork } from 'node:child_process'
  const child = fork(process.argv[1], { execArgv: process.argv.slice(2), serialization: 'advanced' })
  child.on('message', (message) => {
    if (message.ready) child.send({ id: 1, method: 'spin', argument: null })
    else console.log('spinning')
  })
`

test('a child that computes without a pause ends when its parent is killed', { timeout: 60_000 }, async () => {
  const child = entryOf('tests/support/spinning.child.ts')
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', parentSource, '--', child, ...readingEntries], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(createInterface({ input: parent.stdout }), 'line')
  parent.kill('SIGKILL')
  // The child inherited the parent's output: the pipe closes once both are gone.
  await once(parent, 'close')
  assert.equal(parent.signalCode, 'SIGKILL')
})
