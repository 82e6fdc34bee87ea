import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMissingMarkers, type MissingMarkers } from '../../../../src/features/datasets/table/missing.ts'
import { type ModelColumns, readPredictionRows } from '../../../../src/features/inference/prediction-rows.ts'
import { createErrorList } from '../../../../src/validation/validation-errors.ts'

const [a, b] = [{ name: 'a' }, { name: 'b' }]
const one: ModelColumns = { all: ['a', 'b', 'y'], groups: [[b, a]] }
const two: ModelColumns = { all: ['a', 'b', 'y'], groups: [[a], [b]] }

const read = (body: Parameters<typeof readPredictionRows>[0], columns: ModelColumns) => {
  const list = createErrorList()
  const features = readPredictionRows(body, columns, list)
  return { features, errors: list.errors }
}
const paths = (body: Parameters<typeof read>[0], columns: ModelColumns) => read(body, columns).errors.map(({ path }) => path)

describe('rows to predict for', () => {
  it("rows to predict for come in the order of the model's features, whatever the order of their names", () => {
    assert.deepEqual(read({ rows: [{ a: 1, b: 2, y: 3 }] }, one), { features: [[[2, 1]]], errors: [] })
    assert.deepEqual(read({ rows: [{ a: 1, b: 2 }] }, two), { features: [[[1]], [[2]]], errors: [] })
  })

  it('as arrays are taken as they are, in one group or two', () => {
    assert.deepEqual(read({ features: [[1, 2]] }, one).features, [[[1, 2]]])
    assert.deepEqual(read({ features: { a: [[1]], b: [[2]] } }, two).features, [[[1]], [[2]]])
  })

  it('rows to predict for that do not fit are named, all of them', () => {
    assert.deepEqual(paths({ rows: [{ a: 1 }, { a: 1, b: 2, z: 3 }] }, one), ['/rows/0/b', '/rows/1/z'])
    assert.deepEqual(paths({ features: [[1], [1, 2], [1, 2, 3]] }, one), ['/features/0', '/features/2'])
    assert.deepEqual(paths({ features: [[1]] }, two), ['/features'])
    assert.deepEqual(paths({ features: { a: [[1], [2]], b: [[1, 2]] } }, two), ['/features/b/0', '/features/b'])
  })

  it('rows to predict for that a float32 cannot hold are named by row and column', () => {
    assert.deepEqual(
      paths(
        {
          features: [
            [1, 2],
            [1e39, -1e300],
            [3.4028235e38, 0],
          ],
        },
        one,
      ),
      ['/features/1/0', '/features/1/1'],
    )
    assert.deepEqual(paths({ rows: [{ a: 1, b: 1e39 }] }, one), ['/rows/0/b'])
    assert.deepEqual(paths({ features: { a: [[1]], b: [[-1e39]] } }, two), ['/features/b/0/0'])
  })

  it('rows to predict for that are no indices of an embedding are named by row and column', () => {
    const indices: ModelColumns = { all: ['a', 'b'], groups: [[{ ...a, indices: 3 }, b]] }
    const features = [2, 3, -1, 1.5, 1e20, 0, -0].map((value) => [value, 7.5])
    const expected = ['/features/1/0', '/features/2/0', '/features/3/0', '/features/4/0']
    assert.deepEqual(paths({ features }, indices), expected)
    const rows = features.map(([value = 0]) => ({ a: value, b: 7.5 }))
    assert.deepEqual(
      paths({ rows }, indices),
      expected.map((path) => path.replace('features', 'rows').replace(/0$/, 'a')),
    )
    assert.match(read({ features: [[3, 0]] }, indices).errors[0]?.message ?? '', /from 0 to 2/)
  })

  it('a cell is missing by the words of the upload, unless they are a level', () => {
    const markers = createMissingMarkers(undefined)
    const codes = new Map([
      ['NA', 0],
      ['x', 1],
    ])
    const columns = (marked: MissingMarkers): ModelColumns => ({
      all: ['a', 'b', 'c', 'd'],
      groups: [
        [
          { name: 'a', markers: marked },
          { name: 'b', holds: 'category', codes, takesUnknown: true, markers: marked },
          { name: 'c', holds: 'date', markers: marked },
          { name: 'd', holds: 'boolean', markers: marked },
        ],
      ],
    })
    assert.deepEqual(
      read(
        {
          features: [
            [' NA ', 'NA', '', '?'],
            ['', '-', 'nan', 'null'],
          ],
        },
        columns(markers),
      ),
      {
        features: [
          [
            [null, 0, null, null],
            [null, null, null, null],
          ],
        ],
        errors: [],
      },
    )
    const own = columns(createMissingMarkers(['-999', 'none']))
    assert.deepEqual(read({ features: [[-999, 'none', '', 'none']] }, own), { features: [[[null, null, null, null]]], errors: [] })
    assert.deepEqual(paths({ features: [['NA', 'NA', 'NA', 'NA']] }, own), ['/features/0/0', '/features/0/2', '/features/0/3'])
    const strict: ModelColumns = { all: ['a'], groups: [[{ name: 'a', markers, unfilledBy: 'reject' }]] }
    assert.equal(read({ rows: [{ a: 'NA' }] }, strict).errors[0]?.code, 'missing_values')
  })

  it('rows to predict for that are wrong by the thousand are counted, the first hundred listed', () => {
    const list = createErrorList()
    readPredictionRows({ features: Array.from({ length: 5000 }, () => [1e39, 0]) }, one, list)
    assert.deepEqual([list.errors.length, list.count()], [100, 5000])
  })
})
