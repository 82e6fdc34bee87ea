/** The short form of `npm run test:contract`; a failure names the seed and requests that repeat it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runContract } from '../contract/run.ts'
import { openPython } from '../support/python.ts'

test('500 requests made of the OpenAPI document, right ones and wrong ones: no answer is a 5xx or other than the document says', async (t) => {
  const found = await openPython()
  if ('reason' in found) return t.skip(found.reason)
  const { sent, failures } = await runContract({
    python: found.python,
    requests: 500,
    seed: 1,
    rounds: [{ phases: 'fuzzing', examples: 9 }],
    say: (line) => t.diagnostic(line),
  })
  assert.deepEqual(failures, [])
  assert.ok(sent >= 500)
})
