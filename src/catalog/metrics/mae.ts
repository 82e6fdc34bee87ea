import { type Metric, sumOf } from '../metric.ts'

export const mae: Metric = {
  type: 'mae',
  summary: 'Mean of |ŷ − y| over all values.',
  source: 'sklearn.metrics.mean_absolute_error',
  options: {},
  of: 'errors',
  value: ({ absolute, rows }) => sumOf(absolute) / (rows * absolute.length),
}
