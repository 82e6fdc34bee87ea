import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { assertClose } from '../../../support/close.ts'
import { planJob, trainAll } from '../../../support/engine-jobs.ts'
import { onEveryEngine } from '../../../support/engines.ts'

type Run = {
  ignoreIndex: number
  options: object
  features: number[][]
  labels: number[]
  weight: number[]
  bias: number[]
  epochs: { loss: number; batchLoss: number; weight: number[]; bias: number[] }[]
}

const { runs } = JSON.parse(readFileSync(new URL('../../../fixtures/torch/ignored-rows.json', import.meta.url), 'utf8')) as { runs: Run[] }
const [first] = runs

const jobOf = ({ ignoreIndex, options, features, labels, weight, bias }: Omit<Run, 'epochs'>, more: object = {}, training: object = {}) =>
  planJob(
    {
      model: {
        layers: [{ type: 'dense', units: 3 }],
        initialWeights: { 'layers.0.weight': { shape: [2, 3], values: weight }, 'layers.0.bias': { shape: [3], values: bias } },
      },
      loss: { type: 'crossEntropy', ignoreIndex, ...options },
      optimizer: { type: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 },
      training: { epochs: 3, batchSize: 2, shuffle: false, seed: 1, ...training },
      record: { gradients: 'full', weights: 'everyEpoch' },
      metrics: ['accuracy'],
      ...more,
    },
    { features, labels: labels.map((label) => [label]) },
  )

describe('rows that the loss ignores', async () => {
  await onEveryEngine((engine) => {
    it("rows that the loss ignores make PyTorch's steps of gradients 0 where a mini-batch holds no others, and count in no mean", async () => {
      for (const run of runs) {
        const reports = await trainAll(engine(), jobOf(run))
        assert.equal(reports.length, run.epochs.length)
        for (const [at, { loss, batchLoss, weight, bias }] of run.epochs.entries()) {
          const name = `${JSON.stringify([run.ignoreIndex, run.options])} epoch ${at + 1}`
          assertClose([reports[at]?.loss, reports[at]?.batchLoss], [loss, batchLoss], 1e-5, `${name} losses`)
          assertClose(reports[at]?.weights[0]?.values ?? [], weight, 1e-5, `${name} weight`)
          assertClose(reports[at]?.weights[1]?.values ?? [], bias, 1e-5, `${name} bias`)
          // The last mini-batch of each epoch is one ignored row.
          assert.deepEqual([reports[at]?.gradientNorm, [...(reports[at]?.gradients[1]?.values ?? [])].map(Math.abs)], [0, [0, 0, 0]], name)
        }
      }
    })

    it('alone give losses that are no numbers, and end no job', async () => {
      assert.ok(first)
      const job = jobOf({ ...first, labels: first.labels.map(() => first.ignoreIndex) }, { optimizer: { type: 'sgd', learningRate: 0.1 } })
      const reports = await trainAll(engine(), job)
      assert.equal(reports.length, 3)
      for (const { loss, batchLoss, diverged, metrics, weights } of reports) {
        assert.deepEqual([loss, batchLoss, diverged, metrics.accuracy], [Number.NaN, Number.NaN, false, 0])
        assertClose(weights[0]?.values ?? [], first.weight, 1e-6, 'weights stay')
      }
    })

    it('alone among those held back give a validation loss that is no number, and end no job', async () => {
      assert.ok(first)
      const { plan, data } = jobOf(first, { earlyStopping: { patience: 0 } }, { validationSplit: 0.3 })
      assert.ok(data.validation)
      data.validation.labels.fill(first.ignoreIndex)
      const reports = await trainAll(engine(), { plan, data })
      assert.deepEqual(
        reports.map(({ validationLoss, diverged }) => [validationLoss, diverged]),
        [1, 2, 3].map(() => [Number.NaN, false]),
      )
      assert.equal(reports.at(-1)?.weights.length, 2)
    })

    it('rows that the loss ignores change no bit where a job is interrupted among them', async () => {
      assert.ok(first)
      const job = jobOf(first, {}, { shuffle: true })
      const whole = await trainAll(engine(), job)
      const run = await engine().open(job.plan, job.data)
      await run.run(3)
      const state = await run.exportState()
      await run.close()
      const resumed = await trainAll(engine(), job, { state: { ...state, training: JSON.parse(JSON.stringify(state.training)) } })
      assert.deepEqual(
        resumed.map(({ loss, batchLoss, weights }) => ({ loss, batchLoss, weights })),
        whole.map(({ loss, batchLoss, weights }) => ({ loss, batchLoss, weights })),
      )
    })
  })
})
