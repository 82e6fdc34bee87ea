import assert from 'node:assert/strict'
import { it } from 'node:test'
import { correlationRatio, pearson } from '../../../src/numerics/correlation.ts'

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

it('a constant column goes with nothing', () => {
  assert.equal(correlationRatio(3, cells([large, large, large]), cells([0, 1, 1])), null)
  assert.equal(pearson(3, cells([1, 2, 3]), cells([5, 5, 5])), null)
})
