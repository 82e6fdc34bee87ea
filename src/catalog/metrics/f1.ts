import { type Metric, macroAverage } from '../metric.ts'

export const f1: Metric = {
  type: 'f1',
  summary:
    'Harmonic mean of precision and recall of a class, averaged over the classes that occur; of one output, for yes. Ignored rows do not count; 0 where none is left.',
  source: "sklearn.metrics.f1_score, average 'macro'",
  options: {},
  of: 'classes',
  value: (counts) => macroAverage(counts, ({ hits, chosen, actual }) => [2 * hits, chosen + actual]),
}
