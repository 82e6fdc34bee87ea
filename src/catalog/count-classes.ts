/** Counts decisions, right and wrong, per class. */
import { present } from '../numerics/must.ts'
import type { Decision } from './decision.ts'

/** Sums of a classification. Without class indices each column is a yes or no of its own. */
export type ClassCounts = {
  decisions: number
  correct: number
  /** Per class or column: rightly chosen, wrongly chosen, wrongly left out. */
  truePositives: Float64Array
  falsePositives: Float64Array
  falseNegatives: Float64Array
}

/** Nothing counted yet. */
export const newClassCounts = (columns: number): ClassCounts => ({
  decisions: 0,
  correct: 0,
  truePositives: new Float64Array(columns),
  falsePositives: new Float64Array(columns),
  falseNegatives: new Float64Array(columns),
})

/** Adds some rows to the counts; those whose class is ignored, or none of the outputs', do not count. */
export const countClasses = (
  counts: ClassCounts,
  { outputs, labels }: { outputs: Float32Array; labels: Float32Array },
  decision: Decision,
): void => {
  if (decision.by === 'largest') countLargest(counts, outputs, labels, decision.ignored)
  else countThreshold(counts, outputs, labels, decision.above)
}

/** Position of the largest of `size` values from `from`; the first of equal ones. */
export const largestAt = (values: Float32Array, from: number, size: number): number => {
  let largest = 0
  for (let index = 1; index < size; index += 1) {
    if (present(values[from + index]) > present(values[from + largest])) largest = index
  }
  return largest
}

const increment = (counts: Float64Array, index: number): void => {
  counts[index] = present(counts[index]) + 1
}

const countLargest = (counts: ClassCounts, outputs: Float32Array, labels: Float32Array, ignored: number | undefined): void => {
  const columns = counts.truePositives.length
  const rows = outputs.length / columns
  const asProbabilities = columns > 1 && labels.length === outputs.length
  for (let row = 0; row < rows; row += 1) {
    const label = asProbabilities ? largestAt(labels, row * columns, columns) : (labels[row] ?? -1)
    if (label < 0 || label >= columns || (label === ignored && !asProbabilities)) continue
    const chosen = largestAt(outputs, row * columns, columns)
    counts.decisions += 1
    if (chosen === label) {
      counts.correct += 1
      increment(counts.truePositives, label)
    } else {
      increment(counts.falsePositives, chosen)
      increment(counts.falseNegatives, label)
    }
  }
}

const countThreshold = (counts: ClassCounts, outputs: Float32Array, labels: Float32Array, above: number): void => {
  const columns = counts.truePositives.length
  outputs.forEach((output, index) => {
    const chosen = output > above
    const label = present(labels[index]) > 0.5
    counts.decisions += 1
    if (chosen === label) counts.correct += 1
    if (chosen && label) increment(counts.truePositives, index % columns)
    if (chosen && !label) increment(counts.falsePositives, index % columns)
    if (!chosen && label) increment(counts.falseNegatives, index % columns)
  })
}
