/**
 * Class labels that planning could not see: it knows a column's bounds alone, and an index to ignore that lies outside the
 * classes hides what lies between. A label that is no class would count as a row of none.
 */

import { type LossType, lossCatalog } from '../../src/catalog/losses/all-losses.ts'
import type { TrainingData } from '../../src/contracts/engine.ts'
import type { JobErrorCode } from '../../src/contracts/error-codes.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { lastOf } from '../../src/numerics/must.ts'

/** A job whose labels its loss cannot take, with the code that the client meets. */
class UnfitLabel extends Error {
  readonly code: JobErrorCode = 'LABEL_OUT_OF_RANGE'
}

/** @throws UnfitLabel at the first label that is neither a class of the model nor the index to ignore. */
export const checkLabels = ({ config: { loss }, data, outputShape }: Plan, { labels, validation }: TrainingData): void => {
  const type: LossType = loss.type
  if (lossCatalog[type].target !== 'class' || !('ignoreIndex' in loss) || loss.ignoreIndex === undefined) return
  // Of the outputs' rank, labels are class probabilities.
  if (data.labelShape.length === outputShape.length) return
  const classes = lastOf(outputShape)
  const ignored = loss.ignoreIndex
  const isUnfit = (label: number): boolean => label !== ignored && !(Number.isInteger(label) && label >= 0 && label < classes)
  const unfit = labels.find(isUnfit) ?? validation?.labels.find(isUnfit)
  if (unfit === undefined) return
  throw new UnfitLabel(`${type} expects class indices from 0 to ${classes - 1}, or the ignoreIndex ${ignored}; the labels hold ${unfit}`)
}
