import { type Metric, macroAverage } from '../metric.ts'

export const precision: Metric = {
  type: 'precision',
  summary:
    'Share of right decisions among those for a class, averaged over the classes that occur; of one output, for yes. Ignored rows do not count; 0 where none is left.',
  source: "sklearn.metrics.precision_score, average 'macro'",
  options: {},
  of: 'classes',
  value: (counts) => macroAverage(counts, ({ hits, chosen }) => [hits, chosen]),
}
