/** Comparison of tensors by their largest value, as the reference cases are compared. */
import assert from 'node:assert/strict'

/** max|a − b| <= tolerance · max(1e-3, max|b|); anything missing or not a number fails. */
export const assertClose = (actual: ArrayLike<unknown>, expected: ArrayLike<number>, tolerance: number, what: string): void => {
  assert.equal(actual.length, expected.length, `${what}: number of values`)
  const scale = Math.max(1e-3, ...Array.from(expected, Math.abs))
  for (let index = 0; index < expected.length; index += 1) {
    const [got, wanted] = [actual[index], expected[index] ?? Number.NaN]
    const near = typeof got === 'number' && Math.abs(got - wanted) <= tolerance * scale
    assert.ok(near, `${what}[${index}]: got ${String(got)}, expected ${wanted}, allowed ±${tolerance * scale}`)
  }
}
