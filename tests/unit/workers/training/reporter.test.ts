/** When a job's progress is written, and when a checkpoint is asked for: against a clock of the test's own. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Batch, Claim } from '../../../../src/features/jobs/lease.ts'
import { createReporter } from '../../../../workers/training/reporter.ts'
import { report, stateAfter } from '../../../support/batches.ts'
import { planOf, table } from '../../../support/planning.ts'

/** A job whose steps, commits and values on their way take as long as the test says. */
const slowJob = ({ stepMs, commitMs, stateMs = 0, steps = 2 }: { stepMs: number; commitMs: number; stateMs?: number; steps?: number }) => {
  let ms = 0
  let [epoch, step] = [0, 0]
  const plan = planOf({ training: { epochs: 1000, batchSize: 1, seed: 1 } }, table(2, 1, steps))
  const batches: (Batch & { ms: number })[] = []
  const claim: Claim = {
    jobId: 'job_1',
    tenant: 'default',
    token: '',
    config: plan.config,
    dataset: { id: 'ds_1', kind: 'upload', spec: null, columns: [], rows: plan.data.rows, inputShape: [] },
    validationDataset: null,
    rowCounts: null,
    engine: null,
    checkpoint: null,
    epochs: 0,
    seconds: 0,
  }
  const commit = async (_: unknown, batch: Batch) => {
    await turn()
    ms += commitMs
    batches.push({ ...batch, ms })
    return { status: 'running' as const }
  }
  const lease = { commit } as unknown as Parameters<typeof createReporter>[0]['lease']
  const reporter = createReporter({ lease, claim, plan, onWrite: () => {}, onStatus: () => {}, now: () => ms })

  /** One step, asked for while what the last one brought may still be on its way to the database. Gives what was asked for. */
  const makeStep = async (): Promise<void> => {
    const wanted = reporter.wantedState()
    await turn()
    await turn()
    ms += stepMs
    step += 1
    const isEnd = step === plan.stepsPerEpoch
    if (isEnd) [epoch, step] = [epoch + 1, 0]
    const isKept = wanted === 'always' || (wanted === 'epoch' && isEnd)
    if (isKept) {
      ms += stateMs
      reporter.addWriting(stateMs)
    }
    const state = isKept ? { ...stateAfter(epoch), step } : null
    await reporter.add({ epochs: isEnd ? [report(epoch)] : [], epoch, step, state, ended: false })
  }
  const makeSteps = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) await makeStep()
    await turn()
    await turn()
  }
  return { batches, makeSteps }
}

const gaps = (times: number[]): number[] => times.slice(1).map((time, at) => time - (times[at] ?? 0))

describe('the record of a job', () => {
  test('the record of a job has a checkpoint of an epoch’s end although progress is on its way to a slow database whenever a step begins', async () => {
    const { batches, makeSteps } = slowJob({ stepMs: 1000, commitMs: 60 })
    await makeSteps(8)
    const rows = batches.flatMap(({ epochs }) => epochs.map(({ epoch }) => epoch))
    assert.deepEqual(rows, [1, 2, 3, 4])
  })

  test('the record of a job goes on with its progress while a checkpoint that takes long is waited for', async () => {
    const { batches, makeSteps } = slowJob({ stepMs: 1000, commitMs: 10, stateMs: 20_000 })
    await makeSteps(300)
    const states = batches.filter(({ state }) => state !== null)
    assert.ok(states.length >= 3)
    const spent = states.length * 20_000
    assert.ok(spent < 0.3 * (batches.at(-1)?.ms ?? 0), 'writing takes about a fifth of the time')
    assert.ok(Math.max(...gaps(states.map(({ ms }) => ms))) < 120_000)
    assert.ok(Math.max(...gaps(batches.map(({ ms }) => ms))) < 25_000, 'progress waits for nothing but the values themselves')
  })

  test('the record of a job has checkpoints inside epochs that take long, and of each of their ends', async () => {
    const { batches, makeSteps } = slowJob({ stepMs: 25_000, commitMs: 10, stateMs: 20_000, steps: 10 })
    await makeSteps(40)
    assert.deepEqual(
      batches.flatMap(({ state }) => (state && state.step === 0 ? [state.epoch] : [])),
      [1, 2, 3, 4],
    )
    assert.ok(batches.some(({ state }) => state !== null && state.step > 0))
  })

  test('the record of a job has none inside short epochs, whose ends are near', async () => {
    const { batches, makeSteps } = slowJob({ stepMs: 5000, commitMs: 10, stateMs: 20_000 })
    await makeSteps(100)
    assert.ok(batches.some(({ state }) => state !== null))
    assert.ok(batches.every(({ state }) => state === null || state.step === 0))
  })
})
