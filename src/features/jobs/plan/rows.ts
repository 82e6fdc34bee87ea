import type { JobConfig } from '../../../contracts/job-config.ts'
import type { Fault } from '../../../contracts/problems.ts'

/** How the rows of a dataset are divided into training and validation, and into mini-batches; a solver takes them all in one step. */
export const planRows = (config: JobConfig, rows: number) => {
  const { batchSize, dropLast, validationSplit } = config.training
  const validationRows = Math.floor(rows * validationSplit)
  const trainingRows = rows - validationRows
  if (config.solver) {
    const faults = splitFaults(validationSplit, validationRows, rows)
    return { trainingRows, validationRows, stepsPerEpoch: 1, smallestBatch: trainingRows, faults }
  }
  const stepsPerEpoch = dropLast ? Math.floor(trainingRows / batchSize) : Math.ceil(trainingRows / batchSize)
  const rest = trainingRows % batchSize
  const smallestBatch = dropLast || rest === 0 ? Math.min(batchSize, trainingRows) : rest
  const faults = splitFaults(validationSplit, validationRows, rows)
  if (config.earlyStopping?.monitor === 'validationLoss' && validationRows === 0)
    faults.push({ path: '/earlyStopping/monitor', code: 'range', message: 'there is no validation loss: set training.validationSplit' })
  if (stepsPerEpoch === 0) {
    const message = `with dropLast, ${trainingRows} rows make no mini-batch of ${batchSize}: at most ${trainingRows}`
    faults.push({ path: '/training/batchSize', code: 'range', message, value: batchSize })
  }
  return { trainingRows, validationRows, stepsPerEpoch, smallestBatch, faults }
}

const splitFaults = (share: number, validationRows: number, rows: number): Fault[] =>
  share > 0 && validationRows === 0
    ? [
        {
          path: '/training/validationSplit',
          code: 'range',
          message: `a share of ${share} of ${rows} rows holds no whole row back`,
          value: share,
        },
      ]
    : []
