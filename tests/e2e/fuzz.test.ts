/** The short form of `npm run fuzz`; a failure names the seed and path that repeat it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runFuzz } from '../fuzz/run.ts'

const seed = process.env.SEED === undefined ? 1 : Number(process.env.SEED)

test('500 mutated requests, cut-off connections among them: each is answered or refused, nothing dies, and no row is left of what was refused', async (t) => {
  // Here the limit is against hanging alone: this machine may be doing other things.
  const { sent, failures, deliveries } = await runFuzz({ count: 500, seed, lanes: 4, limitMs: 30_000, say: (text) => t.diagnostic(text) })
  assert.deepEqual(failures, [])
  assert.ok(sent >= 500)
  for (const how of ['whole', 'chunked', 'slowly', 'fin', 'rst', 'lying']) assert.ok(deliveries[how], `some were sent ${how}`)
})
