import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SyntheticSpec } from '../../../../src/catalog/generators.ts'
import type { DataPlan, Plan } from '../../../../src/contracts/plan.ts'
import { generateRows } from '../../../../src/features/datasets/generators/generate.ts'
import { createMaterializer, materializeSynthetic } from '../../../../workers/dataset/materialize.ts'

/** The parts of a plan that say how rows are read. */
const planFor = (data: Partial<DataPlan>, validationRows = 0): Plan => {
  const rows = data.rows ?? 4
  return {
    data: {
      featureColumns: [[0, 1]],
      labelColumns: [2],
      inputShape: [2],
      labelShape: [1],
      rows,
      rowRule: { required: [], split: { fraction: validationRows / rows, by: 'random' }, seed: 3 },
      ...data,
    },
    trainingRows: rows - validationRows,
    validationRows,
  } as unknown as Plan
}

/** Row r is [10r, 10r + 1, 10r + 2]. */
const table = (rows: number) => Float32Array.from({ length: 3 * rows }, (_, cell) => 10 * Math.floor(cell / 3) + (cell % 3))

describe('the rows of an upload', () => {
  test('become features and labels, in the order and with the columns of the plan, however they are cut into chunks', () => {
    const materializer = createMaterializer(planFor({ featureColumns: [[2, 0]], labelColumns: [1] }), 3)
    materializer.add(table(4).subarray(0, 3))
    materializer.add(table(4).subarray(3))
    const data = materializer.finish()
    assert.deepEqual([...(data.features[0] ?? [])], [2, 0, 12, 10, 22, 20, 32, 30])
    assert.deepEqual([...data.labels], [1, 11, 21, 31])
    assert.equal(data.validation, undefined)
  })

  test('the rows of an upload may be two groups of features', () => {
    const materializer = createMaterializer(planFor({ featureColumns: [[0], [1]] }), 3)
    materializer.add(table(4))
    assert.deepEqual(
      materializer.finish().features.map((group) => [...group]),
      [
        [0, 10, 20, 30],
        [1, 11, 21, 31],
      ],
    )
  })

  test('the rows of an upload must all be there', () => {
    const materializer = createMaterializer(planFor({}), 3)
    materializer.add(table(3))
    assert.throws(() => materializer.finish(), /3 of its 4 rows/)
  })

  test('the rows of an upload are split for validation by the seed: each on one side, training rows in order', () => {
    const materializer = createMaterializer(planFor({ rows: 100 }, 25), 3)
    materializer.add(table(100))
    const { labels, validation } = materializer.finish()
    assert.deepEqual([labels.length, validation?.labels.length, validation?.rows], [75, 25, 25])
    assert.deepEqual(
      [...labels],
      [...labels].sort((a, b) => a - b),
    )
    const every = [...labels, ...(validation?.labels ?? [])].sort((a, b) => a - b)
    assert.deepEqual(
      every,
      Array.from({ length: 100 }, (_, row) => 10 * row + 2),
    )
    assert.ok((validation?.labels.at(-1) ?? 0) > 500 && (validation?.labels[0] ?? 0) < 500, 'held rows come from everywhere')
  })
})

test('a synthetic table gives the rows of its generator', () => {
  const spec: SyntheticSpec = { kind: 'linear', weights: [1, 2], bias: 0, examples: 20_000, noiseStd: 1, seed: 1 }
  const made = materializeSynthetic(planFor({ rows: 20_000 }), spec).finish()
  const { features, labels } = generateRows(spec)
  assert.deepEqual(made.features, [features])
  assert.deepEqual(made.labels, labels)
})
