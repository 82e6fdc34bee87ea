/** Of which epochs the weights stay, by `record.weights`: besides those of the last, which always do. */
import type { JobConfig } from '../api/job-config.schema.ts'

/** Whether an epoch's weights stay whatever comes after it. */
export const staysForGood = ({ record: { weights } }: Pick<JobConfig, 'record'>, epoch: number): boolean =>
  weights === 'everyEpoch' || (typeof weights === 'object' && epoch % weights.every === 0)

/** Epochs of which weights stay for good, of so many. */
export const countForGood = ({ record: { weights } }: Pick<JobConfig, 'record'>, epochs: number): number => {
  if (typeof weights === 'object') return Math.floor(epochs / weights.every)
  return weights === 'everyEpoch' ? epochs : 0
}
