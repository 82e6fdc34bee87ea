import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { makePlan, planStored } from '../../../../src/features/jobs/plan/make-plan.ts'
import type { PlannedDataset } from '../../../../src/features/jobs/plan/planned-column.ts'
import { configOf } from '../../../support/engine-jobs.ts'
import { errorsOf, layers, onlyError, request, table } from '../../../support/planning.ts'

describe('planning mini-batches for batchNorm', () => {
  it('planning mini-batches for batchNorm refuses mini-batches of one value per channel under batchNorm where PyTorch does, in any number of dimensions', () => {
    const cases = JSON.parse(readFileSync(new URL('../../../fixtures/torch/initial-and-batch.json', import.meta.url), 'utf8')) as {
      batchNorm: { shape: number[]; batch: number; refused: boolean }[]
    }
    for (const { shape, batch, refused } of cases.batchNorm) {
      const values = shape.reduce((product, size) => product * size, 1)
      const model = layers({ type: 'batchNorm' }, { type: 'flatten' }, { type: 'dense', units: 1 })
      const data = { ...table(values, 1, 4), inputShape: shape }
      const errors = errorsOf({ ...model, training: { epochs: 1, batchSize: batch, seed: 1 } }, data)
      const expected = refused ? ['/training/batchSize'] : []
      assert.deepEqual(
        errors.map(({ path }) => path),
        expected,
        `[${shape.join(', ')}], ${batch} rows`,
      )
    }
  })

  it('planning mini-batches for batchNorm finds mini-batches of one row behind every layer and every way to divide rows', () => {
    const norm = [{ type: 'batchNorm' }, { type: 'flatten' }, { type: 'dense', units: 1 }]
    const image = (rows: number) => ({ ...table(4, 1, rows), inputShape: [2, 2, 1] })
    const refused = (list: object[], training: object, data: PlannedDataset) => {
      const errors = errorsOf({ ...layers(...list), training: { epochs: 1, seed: 1, ...training } }, data)
      if (errors.length > 0) assert.equal(onlyError(errors)[0], '/training/batchSize')
      return errors.length > 0
    }
    const pooled = [{ type: 'avgPool2d', poolSize: 2 }, ...norm]
    const convolved = [{ type: 'conv2d', filters: 3, kernelSize: 2 }, ...norm]
    for (const list of [pooled, convolved]) {
      assert.ok(refused(list, { batchSize: 1 }, image(4)))
      assert.ok(refused(list, { batchSize: 2 }, image(3)), 'the last batch has 1 row')
      assert.ok(!refused(list, { batchSize: 2, dropLast: true }, image(3)))
      assert.ok(!refused(list, { batchSize: 2 }, image(4)))
      assert.ok(refused(list, { batchSize: 2, validationSplit: 0.25 }, image(4)), '3 rows are left')
      assert.ok(refused(list, {}, image(1)))
      assert.ok(!refused(list, { batchSize: 2, validationSplit: 0.25 }, image(8)))
    }
    assert.ok(!refused([{ type: 'conv2d', filters: 3, kernelSize: 1 }, ...norm], { batchSize: 1 }, image(4)))
    assert.ok(
      refused([{ type: 'conv2d', filters: 3, kernelSize: 1 }, ...norm], { batchSize: 1 }, { ...table(2, 1, 4), inputShape: [1, 1, 2] }),
    )
    assert.ok(!refused([{ type: 'layerNorm' }, { type: 'flatten' }, { type: 'dense', units: 1 }], { batchSize: 1 }, table(1, 1, 3)))
  })

  it('plans a stored job by the rules of its day: what is refused now trained then', () => {
    const config = configOf({
      ...request,
      ...layers({ type: 'batchNorm' }, { type: 'dense', units: 1 }),
      training: { epochs: 1, batchSize: 1, seed: 1 },
    })
    assert.ok('errors' in makePlan(config, table(2, 1)))
    assert.equal(planStored(config, table(2, 1)).stepsPerEpoch, 25)
    assert.throws(() => planStored(config, table(2, 3)), /cannot be planned: .*label column/)
  })
})
