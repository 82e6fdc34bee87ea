import { type Metric, sumOf } from '../metric.ts'

export const rmse: Metric = {
  type: 'rmse',
  summary: 'Root of the mean of (ŷ − y)² over all values.',
  source: 'the root of sklearn.metrics.mean_squared_error',
  options: {},
  of: 'errors',
  value: ({ square, rows }) => Math.sqrt(sumOf(square) / (rows * square.length)),
}
