/**
 * Any order of claims, late writes, lost answers, lapsed leases, clients' actions and sweeps leaves every job whole. A failure names
 * its seed and path: `SEED=… SEED_PATH=… npm test -- lease-simulation` repeats it.
 */
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { steps } from '../../simulation/operations.ts'
import { openSimulation } from '../../simulation/simulate.ts'

let simulation: Awaited<ReturnType<typeof openSimulation>>
before(async () => {
  simulation = await openSimulation()
})
after(() => simulation.close())

test('whoever holds, loses, frees, cancels or pauses a job, in any order: it ends once, no epoch is lost or doubled, and late writes change nothing', async () => {
  const seed = process.env.SEED === undefined ? 1 : Number(process.env.SEED)
  await fc.assert(fc.asyncProperty(steps, simulation.run), { numRuns: 150, seed, path: process.env.SEED_PATH, includeErrorInReport: true })
})
