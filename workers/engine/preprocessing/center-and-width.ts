/** The scale of a column, as scikit-learn's scalers learn it: a column becomes (x - center) / width. */
import type { Scaling } from '../../../src/contracts/plan.ts'
import { present } from '../../../src/numerics/must.ts'

type Scale = { center: number; width: number }

/**
 * Of values that are all there: mean and standard deviation (divisor n), smallest value and range, or median and range of the
 * middle half, quantiles between two values as numpy draws them. A width of 0, of a constant, is 1.
 */
export const centerAndWidth = (kind: Exclude<Scaling, 'keep'>, values: Float32Array): Scale => {
  const { center, width } = scales[kind](values)
  return { center, width: width || 1 }
}

/** The value below which a share of the sorted values lies, in between two of them by straight line. */
export const quantileOf = (sorted: Float32Array, share: number): number => {
  const at = (sorted.length - 1) * share
  const below = Math.floor(at)
  const lower = present(sorted[below])
  const upper = sorted[below + 1] ?? lower
  return lower + (upper - lower) * (at - below)
}

/** Sums in the order of the rows, in float64: what a checkpoint of an older version holds is found again to the bit. */
const meanAndDeviation = (values: Float32Array): Scale => {
  let sum = 0
  for (let row = 0; row < values.length; row += 1) sum += present(values[row])
  const center = sum / values.length
  let squares = 0
  for (let row = 0; row < values.length; row += 1) squares += (present(values[row]) - center) ** 2
  return { center, width: Math.sqrt(squares / values.length) }
}

const lowestAndRange = (values: Float32Array): Scale => {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let row = 0; row < values.length; row += 1) {
    const value = present(values[row])
    if (value < lowest) lowest = value
    if (value > highest) highest = value
  }
  return { center: lowest, width: highest - lowest }
}

const medianAndMiddle = (values: Float32Array): Scale => {
  const sorted = Float32Array.from(values).sort()
  return { center: quantileOf(sorted, 0.5), width: quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25) }
}

const scales: Record<Exclude<Scaling, 'keep'>, (values: Float32Array) => Scale> = {
  standardize: meanAndDeviation,
  minMax: lowestAndRange,
  robust: medianAndMiddle,
}
