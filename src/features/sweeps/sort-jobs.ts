/** The table of a sweep in the order of one of its columns. */
import { fromJsonNumber, type JsonNumber } from '../../api/numbers.ts'
import type { SweepJob } from '../../api/sweep.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'

/** Columns that are numbers; metrics are others, by their names. */
const columns = ['position', 'rank', 'loss', 'perExampleLoss', 'validationLoss', 'perExampleValidationLoss', 'epochs', 'seconds'] as const

/**
 * The rows by a column or a metric, the smallest value first, or the largest with a `-` before the name; rows without a finite value come last, and equal
 * ones in the order of the grid. @throws Problem VALIDATION_FAILED naming the columns if there is none of that name
 */
export const sortJobs = (jobs: readonly SweepJob[], sort: string): SweepJob[] => {
  const [name, sign] = sort.startsWith('-') ? [sort.slice(1), -1] : [sort, 1]
  const column = columns.find((one) => one === name)
  const metrics = [...new Set(jobs.flatMap((job) => Object.keys(job.metrics)))]
  if (!column && !metrics.includes(name)) throw unknownColumn(sort, [...columns, ...metrics])
  const keyOf = (job: SweepJob): number => {
    const value: JsonNumber | null | undefined = column ? job[column] : job.metrics[name]
    const number = value === null || value === undefined ? Number.NaN : fromJsonNumber(value)
    return Number.isFinite(number) ? sign * number : Number.POSITIVE_INFINITY
  }
  const keyed = jobs.map((job) => ({ job, key: keyOf(job) }))
  return keyed
    .toSorted((one, other) => (one.key === other.key ? one.job.position - other.job.position : one.key - other.key))
    .map(({ job }) => job)
}

const unknownColumn = (sort: string, names: readonly string[]): Problem => {
  const message = `must be one of ${names.slice(0, 100).join(', ')}, with a - before it for the largest first`
  return new Problem('VALIDATION_FAILED', undefined, [{ path: '/sort', code: 'enum', message, value: sort }])
}
