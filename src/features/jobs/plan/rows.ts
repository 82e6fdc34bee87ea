import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'

/**
 * How the rows of a dataset are divided into training and validation, and into mini-batches; a solver takes them all in
 * one step. `validation`: the rows of a second dataset, if the config names one and it is at hand.
 */
export const planRows = (config: JobConfig, rows: number, validation?: { rows: number }) => {
  const { batchSize, dropLast, validationSplit, validationDataset } = config.training
  const heldBack = Math.floor(rows * validationSplit)
  const validationRows = validationDataset ? (validation?.rows ?? 0) : heldBack
  const trainingRows = validationDataset ? rows : rows - heldBack
  const errors = rowErrors(config, rows, heldBack)
  if (config.solver) return { trainingRows, validationRows, stepsPerEpoch: 1, smallestBatch: trainingRows, errors }

  const stepsPerEpoch = dropLast ? Math.floor(trainingRows / batchSize) : Math.ceil(trainingRows / batchSize)
  const rest = trainingRows % batchSize
  const smallestBatch = dropLast || rest === 0 ? Math.min(batchSize, trainingRows) : rest
  if (stepsPerEpoch === 0) {
    const message = `with dropLast, ${trainingRows} rows make no mini-batch of ${batchSize}: at most ${trainingRows}`
    errors.push({ path: '/training/batchSize', code: 'range', message, value: batchSize })
  }
  return { trainingRows, validationRows, stepsPerEpoch, smallestBatch, errors }
}

/** Rows held back that are none, or that come from two places; a loss to watch that there will not be. */
const rowErrors = ({ training, earlyStopping }: JobConfig, rows: number, heldBack: number): ValidationError[] => {
  const { validationSplit, validationDataset } = training
  const errors: ValidationError[] = []
  const wrong = (message: string): void => {
    errors.push({ path: '/training/validationSplit', code: 'range', message, value: validationSplit })
  }
  if (validationSplit > 0 && validationDataset) wrong('must be 0 where a validationDataset is given')
  else if (validationSplit > 0 && heldBack === 0) wrong(`a share of ${validationSplit} of ${rows} rows holds no whole row back`)
  if (earlyStopping?.monitor === 'validationLoss' && heldBack === 0 && !validationDataset) {
    const message = 'there is no validation loss: set training.validationSplit or training.validationDataset'
    errors.push({ path: '/earlyStopping/monitor', code: 'range', message })
  }
  return errors
}
