import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPredictionRows } from '../../../../src/features/calls/prediction-rows.ts'

const one = { all: ['a', 'b', 'y'], groups: [['b', 'a']] }
const two = { all: ['a', 'b', 'y'], groups: [['a'], ['b']] }

describe('rows to predict for', () => {
  it("come in the order of the model's features, whatever the order of their names", () => {
    assert.deepEqual(readPredictionRows({ rows: [{ a: 1, b: 2, y: 3 }] }, one), { features: [[[2, 1]]], faults: [] })
    assert.deepEqual(readPredictionRows({ rows: [{ a: 1, b: 2 }] }, two), { features: [[[1]], [[2]]], faults: [] })
  })

  it('as arrays are taken as they are, in one group or two', () => {
    assert.deepEqual(readPredictionRows({ features: [[1, 2]] }, one).features, [[[1, 2]]])
    assert.deepEqual(readPredictionRows({ features: { a: [[1]], b: [[2]] } }, two).features, [[[1]], [[2]]])
  })

  it('that do not fit are named, all of them', () => {
    const paths = (body: Parameters<typeof readPredictionRows>[0], columns: typeof one) =>
      readPredictionRows(body, columns).faults.map(({ path }) => path)
    assert.deepEqual(paths({ rows: [{ a: 1 }, { a: 1, b: 2, z: 3 }] }, one), ['/rows/0/b', '/rows/1/z'])
    assert.deepEqual(paths({ features: [[1], [1, 2], [1, 2, 3]] }, one), ['/features/0', '/features/2'])
    assert.deepEqual(paths({ features: [[1]] }, two), ['/features'])
    assert.deepEqual(paths({ features: { a: [[1], [2]], b: [[1, 2]] } }, two), ['/features/b/0', '/features/b'])
  })
})
