/** Losses of different reductions, made comparable. */

import type { JobConfig } from '../../api/job-config.schema.ts'
import { lossCatalog } from '../../catalog/losses/all-losses.ts'
import type { Loss } from '../../catalog/losses/loss.ts'
import type { Plan } from '../../contracts/plan.ts'
import { sizeOf } from '../../numerics/shape.ts'

/** How many values a mean over all rows divides by; null if labels or weights decide that. */
export type Terms = { training: number | null; validation: number | null }

/** The number of terms of a plan's loss over its training and its validation rows. */
export const termsOf = ({ config, data, outputShape, trainingRows, validationRows }: Plan): Terms => {
  const perRow = termsPerRow(config.loss, outputShape, data.labelShape)
  return { training: perRow && perRow * trainingRows, validation: perRow && perRow * validationRows }
}

/**
 * The loss with reduction mean, from the loss as it was configured and its number of terms. A sum is divided by them;
 * a `batchmean`, which has divided by the rows alone, by what is left.
 */
export const perExample = (loss: number, reduction: string, terms: number | null, rows: number): number | null => {
  if (reduction === 'mean') return loss
  if (terms === null || terms === 0) return null
  return reduction === 'sum' ? loss / terms : (loss * rows) / terms
}

const termsPerRow = (config: JobConfig['loss'], outputShape: readonly number[], labelShape: readonly number[]): number | null => {
  const loss: Loss = lossCatalog[config.type]
  switch (loss.meanOver) {
    case 'values':
      return sizeOf(labelShape)
    case 'rows':
      return 1
    case 'classTargets':
      // PyTorch's mean divides by the weights of the classes that occur, and leaves ignored rows out.
      return 'weight' in config || 'classWeights' in config || 'ignoreIndex' in config ? null : sizeOf(outputShape.slice(0, -1))
  }
}
