/** Warm-ups, L1 penalties and a loss to stop at, held to PyTorch's numbers on every engine. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Engine } from '../../../../src/contracts/engine.ts'
import { createEpochProgress } from '../../../../workers/engine/step/epoch-progress.ts'
import { assertClose } from '../../../support/close.ts'
import { configOf, planJob, type Table, trainAll, withoutSeconds } from '../../../support/engine-jobs.ts'
import { onEveryEngine } from '../../../support/engines.ts'
import { demanding, linear, linearTable } from '../../../support/linear-jobs.ts'

type Tensor = { shape: number[]; values: number[] }
type Run = Table & {
  name: string
  config: object
  epochs: { loss: number; gradientNorm: number; gradients: Record<string, Tensor>; weights: Record<string, Tensor> }[]
}
const { schedules, runs } = JSON.parse(readFileSync(new URL('../../../fixtures/torch/warmup-and-l1.json', import.meta.url), 'utf8')) as {
  schedules: { schedule: { type: string; warmup: { epochs: number } }; losses: number[]; rates: number[] }[]
  runs: Run[]
}

describe('a warm-up before a schedule', () => {
  for (const { schedule, losses, rates } of schedules)
    it(`a warm-up before a schedule of ${schedule.warmup.epochs} epochs before ${schedule.type} gives PyTorch's rates, also from a checkpoint`, () => {
      const optimizer = { type: 'sgd', learningRate: 0.3 }
      const { plan } = planJob({ ...linear, optimizer, schedule, training: { ...linear.training, epochs: losses.length } }, linearTable(20))
      let progress = createEpochProgress(plan)
      const seen = losses.map((loss) => {
        const rate = progress.learningRate()
        progress.addBatches([loss, loss])
        progress.closeEpoch({ training: { loss, counted: true }, validation: undefined, countedBatches: 2 })
        const training = JSON.parse(JSON.stringify(progress.exportTraining()))
        progress = createEpochProgress(plan, { ...progress.position(), tensors: [], training })
        return rate
      })
      for (const [at, rate] of rates.entries())
        assert.ok(Math.abs((seen[at] ?? 0) - rate) <= 1e-12, `epoch ${at + 1}: ${seen[at]}, ${rate}`)
    })

  it('a warm-up before a schedule is left out, begins at a third of the rate, and is refused where it makes no sense', () => {
    const schedule = (parts: object) => configOf({ ...linear, schedule: { type: 'cosine', tMax: 5, ...parts } }).schedule
    assert.deepEqual(schedule({}), { type: 'cosine', tMax: 5, etaMin: 0 })
    assert.deepEqual(schedule({ warmup: { epochs: 2 } }), { type: 'cosine', tMax: 5, etaMin: 0, warmup: { epochs: 2, startFactor: 1 / 3 } })
    for (const warmup of [
      {},
      { epochs: 0 },
      { epochs: 1.5 },
      { epochs: 2, startFactor: 0 },
      { epochs: 2, startFactor: 2 },
      { epochs: 2, steps: 3 },
      5,
    ])
      assert.throws(() => schedule({ warmup }), /schedule\/warmup/, JSON.stringify(warmup))
  })
})

const assertRun = async (engine: Engine, { config, epochs, ...table }: Run): Promise<void> => {
  const reports = await trainAll(engine, planJob(config, table), { chunk: 2 })
  for (const [at, expected] of epochs.entries()) {
    const report = reports[at]
    assert.ok(report)
    assertClose([report.loss], [expected.loss], 1e-5, 'the loss has no penalty in it')
    assertClose([report.gradientNorm], [expected.gradientNorm], 1e-4, 'the norm is of gradients with penalties')
    for (const kind of ['gradients', 'weights'] as const)
      for (const [name, { values }] of Object.entries(expected[kind])) {
        const tensor = report[kind].find((each) => each.name === name)
        assertClose(tensor?.values ?? [], values, 1e-4, `epoch ${at + 1}, ${kind} of ${name}`)
      }
  }
}

describe('an L1 penalty and a loss to stop at', async () => {
  await onEveryEngine((engine) => {
    for (const run of runs) it(`penalizes parameters as PyTorch does: ${run.name}`, () => assertRun(engine(), run))

    it('a penalty of 0 is none, and two jobs that differ in it alone share no graph', async () => {
      const table = linearTable(40)
      const train = async (parts: object) => (await trainAll(engine(), planJob({ ...linear, ...parts }, table))).map(withoutSeconds)
      const plain = await train({})
      const penalized = await train({ regularization: { l1: 0.5 } })
      assert.notDeepEqual(penalized, plain)
      assert.deepEqual(await train({ regularization: { l1: 0 } }), plain)
      assert.deepEqual(await train({}), plain)
    })

    it('an L1 penalty and a loss to stop at stops with the first epoch whose loss is low enough, with the weights of that epoch', async () => {
      const table = linearTable(100)
      const long = { ...linear, training: { ...linear.training, epochs: 50 } }
      const whole = await trainAll(engine(), planJob(long, table))
      const target = whole[4]?.loss ?? Number.NaN
      const stopping = { ...linear, record: { gradients: 'none', weights: 'last' }, training: { ...long.training, stopAtLoss: target } }
      const reports = await trainAll(engine(), planJob(stopping, table))
      assert.equal(reports.length, whole.findIndex(({ loss }) => loss <= target) + 1)
      const last = reports.at(-1)
      assert.deepEqual([last?.finished, last?.stopReason, last?.loss], [true, 'stopAtLoss', target])
      assert.deepEqual(last?.weights, whole[reports.length - 1]?.weights)
      assert.ok(reports.slice(0, -1).every(({ weights, stopReason }) => weights.length === 0 && stopReason === undefined))
    })

    it('watches the loss that early stopping watches, and says which of both ended the job', async () => {
      const table = linearTable(100)
      const train = (stopAtLoss: number, earlyStopping: object) =>
        trainAll(engine(), planJob({ ...demanding, earlyStopping, training: { ...demanding.training, epochs: 12, stopAtLoss } }, table))
      const whole = await train(-1, { patience: 50 })
      const target = whole[5]?.validationLoss ?? Number.NaN
      const stopped = await train(target, { patience: 50 })
      assert.equal(stopped.length, whole.findIndex(({ validationLoss }) => (validationLoss ?? 1e9) <= target) + 1)
      assert.equal(stopped.at(-1)?.stopReason, 'stopAtLoss')
      assert.equal((await train(-1, { patience: 0, minDelta: 1e6 })).at(-1)?.stopReason, 'earlyStopping')
      assert.equal(whole.at(-1)?.stopReason, undefined)
    })
  })
})
