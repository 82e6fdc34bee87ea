/**
 * What a metric is: a catalog entry that is read off sums over rows, so that a data set may be passed in pieces. The
 * sums are float64 and live beside the engine: only the model's outputs come from it.
 */
import type { Definition } from './definition.ts'

/** Sums of a classification. Without class indices each column is a yes or no of its own. */
export type ClassCounts = {
  decisions: number
  correct: number
  /** Per class or column: rightly chosen, wrongly chosen, wrongly left out. */
  truePositives: Float64Array
  falsePositives: Float64Array
  falseNegatives: Float64Array
}

/** Sums of a regression, per column; labels are counted from the first one, so that a large mean takes no digits. */
export type ErrorSums = {
  rows: number
  absolute: Float64Array
  square: Float64Array
  origin: Float64Array
  label: Float64Array
  labelSquare: Float64Array
}

/** A metric of classes or of errors, and its value from the sums. */
export type Metric = Definition &
  ({ of: 'classes'; value: (counts: ClassCounts) => number } | { of: 'errors'; value: (sums: ErrorSums) => number })

export const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

/** The mean of a share over all classes that occur; a share of nothing is 0. */
export const macroAverage = (
  { truePositives, falsePositives, falseNegatives }: ClassCounts,
  share: (of: { hits: number; chosen: number; actual: number }) => [numerator: number, denominator: number],
): number => {
  let sum = 0
  let classes = 0
  truePositives.forEach((hits, index) => {
    const chosen = hits + (falsePositives[index] ?? 0)
    const actual = hits + (falseNegatives[index] ?? 0)
    if (chosen + actual === 0) return
    const [numerator, denominator] = share({ hits, chosen, actual })
    sum += denominator === 0 ? 0 : numerator / denominator
    classes += 1
  })
  return classes === 0 ? 0 : sum / classes
}
