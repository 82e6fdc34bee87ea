import type { Metric } from '../metric.ts'

export const accuracy: Metric = {
  type: 'accuracy',
  summary:
    'Share of right decisions: of rows by the largest output, or of single values by their threshold. Ignored rows do not count; 0 where none is left.',
  source: 'sklearn.metrics.accuracy_score',
  options: {},
  of: 'classes',
  value: ({ correct, decisions }) => (decisions === 0 ? 0 : correct / decisions),
}
