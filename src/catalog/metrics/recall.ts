import { type Metric, macroAverage } from '../metric.ts'

export const recall: Metric = {
  type: 'recall',
  summary:
    "Share of a class's rows that are found, averaged over the classes that occur; of one output, for yes. Ignored rows do not count; 0 where none is left.",
  source: "sklearn.metrics.recall_score, average 'macro'",
  options: {},
  of: 'classes',
  value: (counts) => macroAverage(counts, ({ hits, actual }) => [hits, actual]),
}
