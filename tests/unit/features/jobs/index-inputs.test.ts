import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StoredColumn } from '../../../../src/api/column.schema.ts'
import type { PlannedDataset } from '../../../../src/features/jobs/plan/planned-column.ts'
import { errorsOf, layers, table } from '../../../support/planning.ts'

describe('planning an embedding', () => {
  const embedding = { type: 'embedding', vocabularySize: 3, units: 2 }
  const head = [{ type: 'flatten' }, { type: 'dense', units: 1 }]
  const column = (statistics: Partial<StoredColumn>): PlannedDataset => {
    const data = table(2, 1)
    return { ...data, columns: data.columns.map((each) => (each.role === 'feature' ? { ...each, ...statistics } : each)) }
  }
  const good = { type: 'integer', min: 0, max: 2 } as const
  const places = (list: object[], data: PlannedDataset, parts: object = {}) =>
    errorsOf({ ...layers(...list, ...head), ...parts }, data).map(({ path, column: name }) => [path, name])

  it('planning an embedding takes indices of its table, also through layers that keep them', () => {
    for (const before of [
      [],
      [{ type: 'flatten' }],
      [{ type: 'reshape', shape: [2, 1] }],
      [{ type: 'dropout', p: 0 }],
      [{ type: 'activation' }],
    ])
      assert.deepEqual(places([...before, embedding], column(good)), [], JSON.stringify(before))
  })

  it('planning an embedding refuses indices that its table does not have and fractions, wherever it stands', () => {
    for (const [at, before] of [[], [{ type: 'flatten' }], [{ type: 'reshape', shape: [1, 2] }, { type: 'flatten' }]].entries()) {
      const path = `/model/layers/${at}`
      for (const statistics of [{ max: 3 }, { min: -1 }, { min: -1, max: 9 }, { type: 'number', max: 2.5 }] as const)
        assert.deepEqual(
          places([...before, embedding], column({ ...good, ...statistics })).map(([where]) => where?.replace('/vocabularySize', '')),
          [path, path],
        )
    }
  })

  it('planning an embedding refuses what a layer before it makes of indices', () => {
    for (const spoiler of [
      { type: 'dense', units: 2 },
      { type: 'dropout', p: 0.1 },
      { type: 'batchNorm' },
      { type: 'layerNorm' },
      { type: 'activation', activation: 'tanh' },
      embedding,
    ])
      assert.deepEqual(places([spoiler, embedding], column(good)), [['/model/layers/1', undefined]], JSON.stringify(spoiler))
  })

  it('planning an embedding refuses standardized columns, and sees one-hot columns as the zeros and ones that they become', () => {
    const preprocessing = (parts: object) => ({ preprocessing: parts })
    assert.equal(places([embedding], column(good), preprocessing({ standardize: true })).length, 2)
    assert.deepEqual(places([embedding], column(good), preprocessing({ standardize: ['x1'] })), [['/model/layers/0', 'x1']])
    const wide = { type: 'integer', min: 5, max: 90 } as const
    assert.deepEqual(places([embedding], column(wide), preprocessing({ oneHot: ['x0', 'x1'] })), [])
    const small = { ...embedding, vocabularySize: 1 }
    assert.equal(places([small], column({ type: 'integer', min: 0, max: 0 }), preprocessing({ oneHot: ['x0'] })).length, 1)
  })

  it('planning an embedding refuses the features of synthetic data, which are real numbers, whatever their statistics', () => {
    const spec = { kind: 'blobs' as const, centers: 3, features: 2, clusterStd: 1, low: -10, high: 10, examples: 25, seed: 0 }
    assert.equal(places([embedding], { ...column(good), spec }).length, 2)
    assert.equal(places([{ type: 'flatten' }, embedding], { ...column({}), spec }).length, 2)
  })
})
