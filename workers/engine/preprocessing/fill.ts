/** What takes the place of a column's missing cells, as scikit-learn's SimpleImputer learns it. */
import type { Fill } from '../../../src/contracts/plan.ts'
import { quantileOf } from './center-and-width.ts'

type LearnedFill = Extract<Fill, { by: unknown }>

/** From a column with NaN where a cell is missing; 0 if no cell is there to learn from. */
export const fillOf = (fill: Fill, values: Float32Array): number => {
  if ('value' in fill) return fill.value
  const known = values.filter((value) => !Number.isNaN(value))
  return known.length === 0 ? 0 : learned[fill.by](known)
}

const meanOf = (values: Float32Array): number => {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** The smallest of several that are as frequent. */
const mostFrequentOf = (values: Float32Array): number => {
  const sorted = Float32Array.from(values).sort()
  let [best, bestCount] = [Number.NaN, 0]
  let [current, count] = [Number.NaN, 0]
  for (const value of sorted) {
    count = value === current ? count + 1 : 1
    current = value
    if (count > bestCount) [best, bestCount] = [current, count]
  }
  return best
}

const learned: Record<LearnedFill['by'], (values: Float32Array) => number> = {
  mean: meanOf,
  median: (values) => quantileOf(values.sort(), 0.5),
  mostFrequent: mostFrequentOf,
}
