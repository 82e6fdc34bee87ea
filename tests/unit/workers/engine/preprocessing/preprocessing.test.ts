import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StoredColumn } from '../../../../../src/api/column.schema.ts'
import { makePlan } from '../../../../../src/features/jobs/plan/make-plan.ts'
import { prepareFeatures } from '../../../../../workers/engine/preprocessing/prepare.ts'
import { assertClose } from '../../../../support/close.ts'
import { configOf, trainAll } from '../../../../support/engine-jobs.ts'
import { onEveryEngine } from '../../../../support/engines.ts'
import { linear } from '../../../../support/linear-jobs.ts'

/** A price of a size between 50 and 200, and of one of three places numbered from 1. */
const columns: StoredColumn[] = [
  { name: 'size', role: 'feature', type: 'number', min: 50, max: 200 },
  { name: 'place', role: 'feature', type: 'integer', min: 1, max: 3 },
  { name: 'price', role: 'label' },
]
const rows = Array.from({ length: 60 }, (_, row) => [50 + row * 2.5, 1 + (row % 3)])
const prices = rows.map(([size = 0, place = 0]) => 0.02 * size + ([3, -1, 2][place - 1] ?? 0))

const planned = (preprocessing: object) => {
  const config = configOf({
    ...linear,
    optimizer: { type: 'sgd', learningRate: 0.1 },
    training: { epochs: 60, batchSize: 10, seed: 2 },
    preprocessing,
  })
  return makePlan(config, { rows: rows.length, columns, inputShape: [] })
}

const planOf = (preprocessing: object) => {
  const made = planned(preprocessing)
  if ('errors' in made) throw new Error(JSON.stringify(made.errors))
  return made.value
}

const errorsOf = (preprocessing: object) => {
  const made = planned(preprocessing)
  return 'errors' in made ? made.errors : []
}

const data = () => ({ rows: rows.length, features: [Float32Array.from(rows.flat())], labels: Float32Array.from(prices) })

describe('preprocessing', async () => {
  it('preprocessing makes an input of each category and leaves the rest to standardize', () => {
    const plan = planOf({ standardize: true, oneHot: ['place'] })
    assert.deepEqual(plan.data.inputShape, [4])
    const learned = { means: [[100, 0]], stds: [[50, 1]] }
    const [prepared] = prepareFeatures(plan, learned, [Float32Array.of(150, 2, 50, 3, 100, 7)])
    assert.deepEqual([...(prepared ?? [])], [1, 0, 1, 0, -1, 0, 0, 1, 0, 0, 0, 0])
  })

  it('preprocessing refuses columns that are unknown or have no whole numbers', () => {
    assert.deepEqual(
      errorsOf({ standardize: ['height'], oneHot: ['price'] }).map(({ path }) => path),
      ['/preprocessing/standardize/0', '/preprocessing/oneHot/0'],
    )
    assert.match(errorsOf({ oneHot: ['size'] })[0]?.message ?? '', /fractions/)
  })

  await onEveryEngine((engine) => {
    it('preprocessing learns means and deviations of the training rows and keeps them in the checkpoint', async () => {
      const plan = planOf({ standardize: ['size'] })
      const run = await engine().open(plan, data())
      const { preprocessing: learned } = (await run.exportState()).training
      await run.close()
      const sizes = rows.map(([size = 0]) => size)
      const mean = sizes.reduce((sum, size) => sum + size) / sizes.length
      const std = Math.sqrt(sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / sizes.length)
      assertClose(learned?.means[0] ?? [], [mean, 0], 1e-6, 'means')
      assertClose(learned?.stds[0] ?? [], [std, 1], 1e-6, 'deviations')
    })

    it('preprocessing of labels tells losses and metrics in their units, in the last epoch and in one that stops at a loss', async () => {
      const scaled = planOf({ standardize: true, oneHot: ['place'], standardizeLabels: true })
      const plan = { ...scaled, config: { ...scaled.config, metrics: ['rmse' as const, 'r2' as const] } }
      const [first] = await trainAll(engine(), { plan, data: data() })
      assert.ok(first && Math.abs(Math.sqrt(first.loss) / (first.metrics.rmse ?? 0) - 1) < 1e-4, JSON.stringify(first))
      // The labels have a variance of about four: a loss of standardized ones would be 1 - r2.
      assert.ok(first.loss > 2 * (1 - (first.metrics.r2 ?? 1)), JSON.stringify(first))
      const training = { ...plan.config.training, stopAtLoss: 0.5 }
      const stopped = await trainAll(engine(), { plan: { ...plan, config: { ...plan.config, training } }, data: data() })
      assert.ok(stopped.length < 60 && (stopped.at(-1)?.loss ?? 1) <= 0.5 && stopped.slice(0, -1).every(({ loss }) => loss > 0.5))
    })

    it('preprocessing lets a model learn what it could not learn of the raw numbers, and goes on bit-identically', async () => {
      const plan = planOf({ standardize: true, oneHot: ['place'] })
      const reports = await trainAll(engine(), { plan, data: data() })
      assert.ok((reports.at(-1)?.loss ?? 1) < 1e-3)
      const run = await engine().open(plan, data())
      await run.run(3)
      const state = await run.exportState()
      await run.close()
      const resumed = await trainAll(engine(), { plan, data: data() }, { state, epochs: 1 })
      assert.equal(resumed[0]?.loss, reports[0]?.loss)
    })
  })
})
