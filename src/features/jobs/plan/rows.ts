import type { JobConfig } from '../../../contracts/job-config.ts'
import type { Fault } from '../../../contracts/problems.ts'

/** How the rows of a dataset are divided into training and validation, and into mini-batches. */
export const planRows = (config: JobConfig, rows: number) => {
  const { batchSize, dropLast } = config.training
  const validationRows = 0
  const trainingRows = rows - validationRows
  const stepsPerEpoch = dropLast ? Math.floor(trainingRows / batchSize) : Math.ceil(trainingRows / batchSize)
  const rest = trainingRows % batchSize
  const smallestBatch = dropLast || rest === 0 ? Math.min(batchSize, trainingRows) : rest
  const faults: Fault[] = []
  if (stepsPerEpoch === 0) {
    const message = `with dropLast, ${trainingRows} rows make no mini-batch of ${batchSize}: at most ${trainingRows}`
    faults.push({ path: '/training/batchSize', code: 'range', message, value: batchSize })
  }
  return { trainingRows, validationRows, stepsPerEpoch, smallestBatch, faults }
}
