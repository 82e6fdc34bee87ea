/** Counts decisions by class: how many rows of each class were taken for which. */
import { must, present } from '../numerics/must.ts'
import { largestAt } from './count-classes.ts'
import type { Decision } from './decision.ts'

/** Most classes of which a matrix is made. */
export const maxConfusionClasses = 100

/** Rows by class and, in it, by decision. */
export type ConfusionCounts = number[][]

/**
 * Counts over rows that come in pieces, of so many outputs a row; undefined for more classes than are shown. Ignored rows do not count.
 * `kept`: the counts of the rows before, row by row.
 */
export const createConfusion = (outputs: number, decision: Decision, kept?: Float64Array) => {
  const classes = decision.by === 'largest' ? outputs : 2
  if (classes > maxConfusionClasses || (decision.by === 'threshold' && outputs !== 1)) return undefined
  const counts = Array.from({ length: classes }, (_, truth) =>
    Array.from({ length: classes }, (_each, chosen) => kept?.[truth * classes + chosen] ?? 0),
  )

  const add = ({ outputs: values, labels }: { outputs: Float32Array; labels: Float32Array }): void => {
    for (let row = 0; row < labels.length; row += 1) {
      const label = present(labels[row])
      const truth = decision.by === 'largest' ? label : Number(label > 0.5)
      if (decision.by === 'largest' && label === decision.ignored) continue
      const chosen = decision.by === 'largest' ? largestAt(values, row * outputs, outputs) : Number(present(values[row]) > decision.above)
      const of = counts[truth]
      if (of) of[chosen] = must(of, chosen) + 1
    }
  }

  return { add, counts: (): ConfusionCounts => counts }
}
