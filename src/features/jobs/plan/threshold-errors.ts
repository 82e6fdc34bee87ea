/** What is wrong with thresholds: they watch what is not measured, have no limit or two, or repeat one another. */
import type { Threshold } from '../../../api/job-config/thresholds.schema.ts'
import type { JobConfig } from '../../../api/job-config.schema.ts'
import { type MetricType, validationName } from '../../../catalog/metrics.ts'
import { type EpochColumnName, epochColumns } from '../../../contracts/epoch-columns.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'

/** @param rows how many are held back; as long as they must be counted, nothing is said of them */
export const thresholdErrors = (
  { on = [], metrics }: Pick<JobConfig, 'on' | 'metrics'>,
  rows: { validationRows: number; isCounted: boolean },
): ValidationError[] => {
  const hasValidation = !rows.isCounted || rows.validationRows > 0
  return on.flatMap((threshold, index) => {
    const path = `/on/${index}`
    const { metric } = threshold
    const errors: ValidationError[] = []
    const unmeasured = reasonOf(metric, metrics, hasValidation)
    if (unmeasured) errors.push({ path: `${path}/metric`, code: 'range', message: unmeasured, value: metric })
    if (threshold.below === undefined && threshold.above === undefined)
      errors.push({ path, code: 'required', message: 'must have `below` or `above`, one of both' })
    if (threshold.below !== undefined && threshold.above !== undefined)
      errors.push({
        path: `${path}/above`,
        code: 'overlap',
        message: 'must be left out beside `below`: give each limit an entry of its own',
      })
    const first = on.findIndex((other) => isSame(other, threshold))
    if (first < index) errors.push({ path, code: 'duplicate', message: `says the same as /on/${first}: leave one of them out` })
    return errors
  })
}

/** Why there will be no such value; undefined if there will be. */
const reasonOf = (metric: Threshold['metric'], metrics: readonly MetricType[], hasValidation: boolean): string | undefined => {
  const column: { kind: string } | undefined = epochColumns[metric as EpochColumnName]
  const listed = metrics.find((type) => type === metric || validationName(type) === metric)
  if (!column && !listed) return `is not measured: ${metricList(metrics)}`
  const isOfValidation = column ? column.kind === 'optional' : listed !== metric
  return isOfValidation && !hasValidation
    ? 'is not measured, since no rows are held back: set training.validationSplit or training.validationDataset'
    : undefined
}

const metricList = (metrics: readonly MetricType[]): string =>
  `add it to \`metrics\` of the job, which ${metrics.length === 0 ? 'is empty' : `has ${metrics.join(', ')}`}`

const isSame = (a: Threshold, b: Threshold): boolean => a.metric === b.metric && a.below === b.below && a.above === b.above
