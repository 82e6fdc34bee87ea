/** Cross-validation: the parts of the rows, and the one that a job holds back. */
import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { Fold } from '../../../contracts/plan.ts'

type FoldOptions = Pick<JobConfig['training'], 'folds' | 'fold'>

/** The part that a job holds back; undefined if its rows are not divided so. */
export const foldOf = ({ folds, fold }: FoldOptions): Fold | undefined => {
  const count = foldCount({ folds })
  return count === undefined ? undefined : { index: (fold ?? 1) - 1, count }
}

/** Into how many parts the rows are divided. */
export const foldCount = ({ folds }: Pick<FoldOptions, 'folds'>): number | undefined => (typeof folds === 'object' ? folds.count : folds)

/** A part that is none, and rows that are held back twice. */
export const foldErrors = ({ folds, fold, validationSplit, validationDataset }: JobConfig['training']): ValidationError[] => {
  const count = foldCount({ folds })
  const error = (path: string, code: string, message: string): ValidationError => ({ path: `/training/${path}`, code, message })
  if (count === undefined) return fold === undefined ? [] : [error('fold', 'range', 'is one of the folds: give training.folds')]
  const errors: ValidationError[] = []
  if (fold === undefined)
    errors.push(
      error('fold', 'required', `must say which of the ${count} folds this job holds back; a sweep, POST /v1/sweeps, trains them all`),
    )
  else if (fold > count) errors.push(error('fold', 'range', `must be at most ${count}, as there are ${count} folds`))
  if (validationDataset) errors.push(error('validationDataset', 'overlap', 'must be left out: the folds are held back one by one'))
  if (typeof validationSplit === 'object' || validationSplit > 0)
    errors.push(error('validationSplit', 'overlap', 'must be 0: the folds are held back one by one'))
  return errors
}
