import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Engine } from '../../../../src/contracts/engine.ts'
import { makePlan } from '../../../../src/features/jobs/plan/make-plan.ts'
import { loadBackend } from '../../../../workers/engine/backends/load-backend.ts'
import { createEngine } from '../../../../workers/engine/create-engine.ts'
import { assertClose } from '../../../support/close.ts'
import { configOf, planJob, trainAll } from '../../../support/engine-jobs.ts'
import { linear, linearTable } from '../../../support/linear-jobs.ts'

const solved = { model: linear.model, loss: { type: 'mse' }, solver: { type: 'leastSquares' } }
const wide = { ...linear, model: { layers: [{ type: 'dense', units: 2 }] } }

/** Two labels per row, so that outputs and their order matter. */
const twoLabels = () => {
  const { features, labels } = linearTable(80)
  return { features, labels: labels.map(([y = 0], row) => [y, 1 - y + (features[row]?.[0] ?? 0)]) }
}

describe('the closed form', () => {
  let engine: Engine
  before(async () => {
    engine = createEngine(await loadBackend('cpu'))
  })

  const weightsOf = async (request: object, table = twoLabels()) => {
    const reports = await trainAll(engine, planJob(request, table))
    return reports.at(-1)?.weights.map(({ values }) => [...(values ?? [])]) ?? []
  }

  it('the closed form needs neither an optimizer nor epochs', () => {
    const { optimizer, training } = configOf(solved)
    assert.equal(optimizer.type, 'sgd')
    assert.deepEqual(training, { epochs: 1, batchSize: 32, shuffle: true, dropLast: false, validationSplit: 0 })
  })

  for (const [what, loss, weightDecay, learningRate] of [
    ['mse', { type: 'mse' }, 0, 0.5],
    ['mse with weight decay', { type: 'mse' }, 0.3, 0.5],
    ['sums of squares with weight decay', { type: 'mse', reduction: 'sum' }, 5, 0.002],
    ['half squares with weight decay', { type: 'halfSquared' }, 0.3, 0.5],
  ] as const) {
    it(`the closed form is where training ends: ${what}`, async () => {
      const trained = {
        ...wide,
        loss,
        optimizer: { type: 'sgd', learningRate, weightDecay },
        training: { epochs: 400, batchSize: 80, seed: 1 },
      }
      const [weight = [], bias = []] = await weightsOf({ ...trained, solver: { type: 'leastSquares' } })
      const [trainedWeight = [], trainedBias = []] = await weightsOf(trained)
      assertClose(weight, trainedWeight, 1e-4, 'weight')
      assertClose(bias, trainedBias, 1e-4, 'bias')
    })
  }

  it('the closed form says standard errors, R² and the loss, in one epoch', async () => {
    const reports = await trainAll(
      engine,
      planJob({ ...solved, training: { epochs: 50, seed: 1, validationSplit: 0.25 } }, linearTable(400)),
    )
    assert.equal(reports.length, 1)
    const [{ loss, validationLoss, gradientNorm, solution } = assert.fail('there is a report')] = reports
    assert.ok(loss < 1.2e-4 && (validationLoss ?? 1) < 1.5e-4 && gradientNorm < 1e-6)
    assert.equal(solution?.degreesOfFreedom, 297)
    assert.ok((solution?.r2[0] ?? 0) > 0.9999)
    for (const error of [...(solution?.standardErrors.weights ?? []), ...(solution?.standardErrors.bias ?? [])])
      assert.ok(Math.abs(error / (0.01 / Math.sqrt(300)) - 1) < 0.2)
  })

  it('the closed form fails with a code of its own where features depend on each other', async () => {
    const table = linearTable(20)
    const twice = { ...table, features: table.features.map(([x = 0]) => [x, 2 * x]) }
    await assert.rejects(trainAll(engine, planJob({ ...solved, training: { epochs: 1, seed: 1 } }, twice)), { code: 'LINEARLY_DEPENDENT' })
  })

  it('the closed form is refused for models and losses that have none', () => {
    const deep = {
      ...solved,
      model: {
        layers: [
          { type: 'dense', units: 2 },
          { type: 'dense', units: 1 },
        ],
      },
    }
    assert.throws(() => planJob(deep, linearTable(20)), /one dense layer/)
    assert.throws(() => planJob({ ...solved, loss: { type: 'l1' } }, linearTable(20)), /the loss is l1/)
    assert.throws(() => planJob(solved, linearTable(2)), /3 weights per output/)
    const wider = { features: [new Array<number>(2100).fill(1)], labels: [[1]] }
    assert.throws(() => planJob(solved, wider), /2102 features and outputs are more than/)
  })

  it('the closed form is refused where features are known to depend on each other, unless a weight decay decides', () => {
    const columns = [
      { name: 'x', role: 'feature' as const, type: 'integer' as const, min: 0, max: 2 },
      { name: 'one', role: 'feature' as const, type: 'integer' as const, min: 1, max: 1 },
      { name: 'y', role: 'label' as const },
    ]
    const errorsOf = (parts: object, features: string[]) => {
      const made = makePlan(configOf({ ...solved, ...parts, dataset: { id: 'ds_1', features, labels: ['y'] } }), {
        rows: 9,
        columns,
        inputShape: [],
      })
      return 'errors' in made ? made.errors.map(({ path, column }) => [path, column]) : []
    }
    const unbiased = { model: { layers: [{ type: 'dense', units: 1, bias: false }] } }
    assert.deepEqual(errorsOf({}, ['x', 'one']), [['/solver/type', 'one']])
    assert.deepEqual(errorsOf(unbiased, ['x', 'one']), [])
    assert.deepEqual(errorsOf({ preprocessing: { oneHot: ['x'] } }, ['x']), [['/solver/type', undefined]])
    assert.deepEqual(errorsOf({ ...unbiased, preprocessing: { oneHot: ['x'] } }, ['x']), [])
    assert.deepEqual(errorsOf({ solver: { type: 'leastSquares', weightDecay: 0.1 } }, ['x', 'one']), [])
  })

  it('the closed form takes every row in one step, whatever a request says of mini-batches', () => {
    const { plan } = planJob({ ...solved, training: { epochs: 3, batchSize: 99, dropLast: true, seed: 1 } }, linearTable(20))
    assert.equal(plan.stepsPerEpoch, 1)
  })

  it("the closed form has no penalty by AdamW's decay, which is not one of the loss", async () => {
    const table = twoLabels()
    const adamw = { ...wide, optimizer: { type: 'adamw', weightDecay: 0.5 }, solver: { type: 'leastSquares' } }
    assert.deepEqual(await weightsOf(adamw, table), await weightsOf({ ...solved, model: wide.model }, table))
  })

  it('the closed form says what executed it, whatever backend is loaded', () => {
    const { plan } = planJob(solved, linearTable(20))
    assert.deepEqual(engine.describe(plan), { name: 'solver', backend: 'cpu', device: 'cpu', version: process.versions.node })
  })
})
