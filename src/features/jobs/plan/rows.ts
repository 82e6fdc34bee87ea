import type { JobConfig } from '../../../contracts/job-config.ts'
import type { Fault } from '../../../contracts/problems.ts'

/** How the rows of a dataset are divided into training and validation, and into mini-batches. */
export const planRows = (config: JobConfig, rows: number) => {
  const { batchSize, dropLast, validationSplit } = config.training
  const validationRows = Math.floor(rows * validationSplit)
  const trainingRows = rows - validationRows
  const stepsPerEpoch = dropLast ? Math.floor(trainingRows / batchSize) : Math.ceil(trainingRows / batchSize)
  const rest = trainingRows % batchSize
  const smallestBatch = dropLast || rest === 0 ? Math.min(batchSize, trainingRows) : rest
  const faults: Fault[] = []
  if (validationSplit > 0 && validationRows === 0) {
    const message = `a share of ${validationSplit} of ${rows} rows holds no whole row back`
    faults.push({ path: '/training/validationSplit', code: 'range', message, value: validationSplit })
  }
  if (config.earlyStopping?.monitor === 'validationLoss' && validationRows === 0)
    faults.push({ path: '/earlyStopping/monitor', code: 'range', message: 'there is no validation loss: set training.validationSplit' })
  if (stepsPerEpoch === 0) {
    const message = `with dropLast, ${trainingRows} rows make no mini-batch of ${batchSize}: at most ${trainingRows}`
    faults.push({ path: '/training/batchSize', code: 'range', message, value: batchSize })
  }
  return { trainingRows, validationRows, stepsPerEpoch, smallestBatch, faults }
}
