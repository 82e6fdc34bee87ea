/** Comparison of numbers of which some are no numbers: as JSON has them, `"NaN"` and `"Infinity"` too. */
import assert from 'node:assert/strict'

const same = (actual: number, expected: number, tolerance: number): boolean => {
  if (Number.isFinite(actual) && Number.isFinite(expected))
    return Math.abs(actual - expected) <= tolerance * Math.max(0.1, Math.abs(expected))
  return Object.is(actual, expected)
}

/** NaN where NaN is expected, ∞ where ∞ is; of numbers |a − b| <= tolerance · max(0.1, |b|). */
export const assertSameNumbers = (actual: ArrayLike<unknown>, expected: ArrayLike<unknown>, tolerance: number, what: string): void => {
  assert.equal(actual.length, expected.length, `${what}: number of values`)
  for (let index = 0; index < expected.length; index += 1)
    assert.ok(
      same(Number(actual[index]), Number(expected[index]), tolerance),
      `${what}[${index}]: got ${String(actual[index])}, expected ${String(expected[index])}`,
    )
}
