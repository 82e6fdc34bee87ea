import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { RowCounts } from '../../../contracts/plan.ts'
import { foldCount, foldErrors } from './folds.ts'

/**
 * How the rows of a dataset are divided into mini-batches, and whether there are as many as it takes; a solver takes them
 * all in one step. `counts`: how many train and validate.
 */
export const planRows = (config: JobConfig, counts: RowCounts) => {
  const { batchSize, dropLast } = config.training
  const { training: trainingRows, validation: validationRows, dropped: droppedRows } = counts
  const rows = { trainingRows, validationRows, droppedRows }
  const errors = rowErrors(config, counts)
  if (config.solver) return { ...rows, stepsPerEpoch: 1, smallestBatch: trainingRows, errors }

  const stepsPerEpoch = dropLast ? Math.floor(trainingRows / batchSize) : Math.ceil(trainingRows / batchSize)
  const rest = trainingRows % batchSize
  const smallestBatch = dropLast || rest === 0 ? Math.min(batchSize, trainingRows) : rest
  if (stepsPerEpoch === 0 && trainingRows > 0) {
    const message = `with dropLast, ${trainingRows} rows make no mini-batch of ${batchSize}: at most ${trainingRows}`
    errors.push({ path: '/training/batchSize', code: 'range', message, value: batchSize })
  }
  return { ...rows, stepsPerEpoch, smallestBatch, errors }
}

/** The share of the rows that a config holds back. */
export const shareHeldBack = ({ validationSplit, folds }: Pick<JobConfig['training'], 'validationSplit' | 'folds'>): number => {
  const count = foldCount({ folds })
  if (count !== undefined) return 1 / count
  return typeof validationSplit === 'number' ? validationSplit : validationSplit.fraction
}

/** Rows held back that are none, or that come from two places; a loss to watch that there will not be. */
const rowErrors = ({ training, earlyStopping }: JobConfig, counts: RowCounts): ValidationError[] => {
  const { validationSplit, validationDataset } = training
  const errors = foldErrors(training)
  const fraction = shareHeldBack(training)
  const isFolded = training.folds !== undefined
  const at = isFolded ? 'folds' : typeof validationSplit === 'number' ? 'validationSplit' : 'validationSplit/fraction'
  const wrong = (message: string): void => {
    errors.push({ path: `/training/${at}`, code: 'range', message, value: fraction })
  }
  const rows = counts.training + counts.validation
  if (counts.training === 0) errors.push({ path: '/dataset', code: 'range', message: noneLeft(counts) })
  else if (fraction > 0 && validationDataset && !isFolded) wrong('must be 0 where a validationDataset is given')
  else if (fraction > 0 && counts.validation === 0)
    wrong(`a share of ${fraction} of ${rows} rows holds no whole ${heldAs(isFolded ? training.folds : validationSplit)} back`)
  if (earlyStopping?.monitor === 'validationLoss' && counts.validation === 0) {
    const message = 'there is no validation loss: set training.validationSplit or training.validationDataset'
    errors.push({ path: '/earlyStopping/monitor', code: 'range', message })
  }
  return errors
}

const noneLeft = ({ dropped }: RowCounts): string =>
  `no row is left to train on: ${dropped} lack a label, or a feature that they are dropped for`

const heldAs = (split: JobConfig['training']['validationSplit'] | JobConfig['training']['folds']): string =>
  typeof split === 'object' && split.by === 'group' ? 'group' : 'row'
