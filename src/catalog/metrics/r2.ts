import { type ErrorSums, type Metric, sumOf } from '../metric.ts'

const ofColumn = ({ square, label, labelSquare, rows }: ErrorSums, column: number): number => {
  const residual = square[column] ?? 0
  const total = (labelSquare[column] ?? 0) - (label[column] ?? 0) ** 2 / rows
  if (total > 0) return 1 - residual / total
  return residual === 0 ? 1 : 0
}

export const r2: Metric = {
  type: 'r2',
  summary: '1 − Σ(ŷ − y)² / Σ(y − ȳ)², averaged over the label columns; of constant labels 1 if all are met, else 0.',
  source: 'sklearn.metrics.r2_score',
  options: {},
  of: 'errors',
  value: (sums) => sumOf(sums.square.map((_, column) => ofColumn(sums, column))) / sums.square.length,
}
