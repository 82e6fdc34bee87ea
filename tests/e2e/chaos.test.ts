/** The short form of `npm run test:chaos`: two machines, one of them behind a network, and one of each of these faults. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runChaos } from '../chaos/run.ts'

const seed = process.env.SEED === undefined ? 1 : Number(process.env.SEED)

test('jobs end once and trainers do each request once, without gaps and with bit-identical results, while child, worker, API, PostgreSQL and network fail in turn', async (t) => {
  const { succeeded, faults, violations } = await runChaos({
    ...{ queue: 'postgres', jobs: 6, trainers: 5, seconds: 240, seed, clients: 3, variants: 1, scale: 0.15 },
    faults: ['child', 'trainer', 'worker', 'api', 'postmaster', 'connections', 'network'],
    kinds: ['optimizers', 'dropout', 'standardized', 'paused'],
    say: (text) => t.diagnostic(text),
  })
  assert.deepEqual(violations, [])
  assert.ok(succeeded >= 6)
  for (const { name, recoveries } of faults) assert.ok(recoveries.length > 0, `${name} happened`)
})
