import assert from 'node:assert/strict'
import { it } from 'node:test'
import { correlationRatio, cramersV, pearson } from '../../../src/numerics/correlation.ts'

const large = 2 ** 52
const cells =
  (values: readonly number[]) =>
  (row: number): number =>
    values[row] ?? Number.NaN

it('a quantity that is large and differs by little has the ratio of its differences', () => {
  const differences = [0, 2, 1, 3]
  const group = [0, 0, 1, 1]
  // By hand: the squares are 5, those between the groups 4 · 0.5² = 1.
  const expected = Math.sqrt(1 / 5)
  for (const origin of [0, large]) {
    const quantity = differences.map((difference) => origin + difference)
    assert.ok(Math.abs((correlationRatio(4, cells(quantity), cells(group)) ?? 0) - expected) < 1e-12, String(origin))
    assert.ok(Math.abs((pearson(4, cells(quantity), cells(group)) ?? 0) - expected) < 1e-12, String(origin))
  }
})

it('rows that lack either value count for neither measure', () => {
  const quantity = [1, 2, Number.NaN, 4, 100]
  const group = [0, 0, 0, 1, Number.NaN]
  // By hand: the mean is 7/3, the squares 14/3, those between the groups 2 (1.5 - 7/3)² + (4 - 7/3)² = 25/6.
  assert.ok(Math.abs((correlationRatio(5, cells(quantity), cells(group)) ?? 0) - Math.sqrt(25 / 28)) < 1e-12)
})

it('two columns of groups go together by how far the counts of their pairs are from chance', () => {
  // scipy.stats.contingency.association([[2, 1], [0, 3], [1, 1]], method='cramer') = 0.6146362971528592
  const x = [0, 0, 0, 1, 1, 1, 2, 2, Number.NaN]
  const y = [5, 5, 7, 7, 7, 7, 5, 7, 5]
  assert.ok(Math.abs((cramersV(9, cells(x), cells(y)) ?? 0) - 0.6146362971528592) < 1e-12)
  assert.equal(cramersV(4, cells([0, 1, 2, 0]), cells([3, 4, 5, 3])), 1)
  assert.equal(cramersV(4, cells([0, 0, 1, 1]), cells([0, 1, 0, 1])), 0)
  assert.equal(cramersV(3, cells([0, 1, 2]), cells([1, 1, 1])), null)
})

it('a constant column goes with nothing', () => {
  assert.equal(correlationRatio(3, cells([large, large, large]), cells([0, 1, 1])), null)
  assert.equal(pearson(3, cells([1, 2, 3]), cells([5, 5, 5])), null)
})
