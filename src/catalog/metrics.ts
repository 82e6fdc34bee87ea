/**
 * Metrics: what one is, each of them, the list, and their values from a model's outputs. A metric is read off sums over
 * rows, so that a data set may be passed in batches. The sums are float64 and live beside the engine: only the model's
 * outputs come from it.
 */
import { must } from '../numerics/must.ts'
import { type ClassCounts, countClasses, newClassCounts } from './count-classes.ts'
import { type DecidingLoss, type Decision, decisionOf } from './decision.ts'
import type { Definition } from './definition.ts'
import { type LossType, lossCatalog } from './losses/all-losses.ts'
import type { Loss } from './losses/loss.ts'
import { type ErrorSums, newErrorSums, sumErrors } from './sum-errors.ts'

/** A metric of classes or of errors, whether more or less of it is better, and its value from the sums. */
export type Metric = Definition & { better: 'higher' | 'lower' } & (
    | { of: 'classes'; value: (counts: ClassCounts) => number }
    | { of: 'errors'; value: (sums: ErrorSums) => number }
  )

const accuracy: Metric = {
  type: 'accuracy',
  summary:
    'Share of right decisions: of rows by the largest output, or of single values by their threshold. Ignored rows do not count; 0 if none is left.',
  source: 'sklearn.metrics.accuracy_score',
  options: {},
  better: 'higher',
  of: 'classes',
  value: ({ correct, decisions }) => (decisions === 0 ? 0 : correct / decisions),
}

const precision: Metric = {
  type: 'precision',
  summary:
    'Share of right decisions among those for a class, averaged over the classes that occur; of one output, for yes. Ignored rows do not count; 0 if none is left.',
  source: "sklearn.metrics.precision_score, average 'macro'",
  options: {},
  better: 'higher',
  of: 'classes',
  value: (counts) => macroAverage(counts, ({ hits, chosen }) => [hits, chosen]),
}

const recall: Metric = {
  type: 'recall',
  summary:
    "Share of a class's rows that are found, averaged over the classes that occur; of one output, for yes. Ignored rows do not count; 0 if none is left.",
  source: "sklearn.metrics.recall_score, average 'macro'",
  options: {},
  better: 'higher',
  of: 'classes',
  value: (counts) => macroAverage(counts, ({ hits, actual }) => [hits, actual]),
}

const f1: Metric = {
  type: 'f1',
  summary:
    'Harmonic mean of precision and recall of a class, averaged over the classes that occur; of one output, for yes. Ignored rows do not count; 0 if none is left.',
  source: "sklearn.metrics.f1_score, average 'macro'",
  options: {},
  better: 'higher',
  of: 'classes',
  value: (counts) => macroAverage(counts, ({ hits, chosen, actual }) => [2 * hits, chosen + actual]),
}

const mae: Metric = {
  type: 'mae',
  summary: 'Mean of |ŷ − y| over all values.',
  source: 'sklearn.metrics.mean_absolute_error',
  options: {},
  better: 'lower',
  of: 'errors',
  value: ({ absolute, rows }) => sumOf(absolute) / (rows * absolute.length),
}

const rmse: Metric = {
  type: 'rmse',
  summary: 'Root of the mean of (ŷ − y)² over all values.',
  source: 'the root of sklearn.metrics.mean_squared_error',
  options: {},
  better: 'lower',
  of: 'errors',
  value: ({ square, rows }) => Math.sqrt(sumOf(square) / (rows * square.length)),
}

const r2: Metric = {
  type: 'r2',
  summary: '1 − Σ(ŷ − y)² / Σ(y − ȳ)², averaged over the label columns; of constant labels 1 if all are met, else 0.',
  source: 'sklearn.metrics.r2_score',
  options: {},
  better: 'higher',
  of: 'errors',
  value: (sums) => sumOf(sums.square.map((_, column) => r2OfColumn(sums, column))) / sums.square.length,
}

/** Every metric by its type. */
export const metricCatalog = { accuracy, precision, recall, f1, mae, rmse, r2 } satisfies Record<string, Metric>

export type MetricType = keyof typeof metricCatalog

/** Which of two values of a metric is better, also of one over the rows held back; losses and errors, which are no metrics, are better the lower they are. */
export const betterOf = (name: string | null): Metric['better'] => {
  const metric = Object.entries<Metric>(metricCatalog).find(([type]) => type === name || validationName(type) === name)
  return metric?.[1].better ?? 'lower'
}

/** What the metric is called if it is measured on the rows held back: `accuracy` is `validationAccuracy`. */
export const validationName = (name: string): string => `validation${name.charAt(0).toUpperCase()}${name.slice(1)}`

/** What a metric needs that this loss does not train, if so. */
export const metricMisfit = (type: MetricType, loss: LossType): string | undefined => {
  const entry: Loss = lossCatalog[loss]
  if (metricCatalog[type].of === 'classes') return decisionOf({ type: loss }) ? undefined : `a loss of classes, ${loss} has none`
  return entry.inputs === 1 && entry.target === 'number' ? undefined : `a loss of numbers, ${loss} trains none`
}

/** Some rows: flat outputs, `columns` of them per row, and as many labels or one class index per row. */
export type MetricRows = { outputs: Float32Array; labels: Float32Array }

const noDecision: Decision = { by: 'threshold', above: 0 }

/** Of each label column, if outputs and labels are (y - mean) / std: errors are then told in the units of the labels. */
type Units = { means: readonly number[]; stds: readonly number[] }

/** Metrics over rows that come in batches. `columns` is the size of the outputs' last axis; `kept` what `sums` gave of the rows before. */
export const createMetrics = (
  types: readonly MetricType[],
  { loss, columns, units }: { loss: DecidingLoss; columns: number; units?: Units },
  kept?: Float64Array,
) => {
  const decision = decisionOf(loss) ?? noDecision
  const counts = newClassCounts(columns)
  const sums = newErrorSums(columns)
  if (kept) restoreSums(counts, sums, kept)
  const wanted = types.map((type): Metric => metricCatalog[type])

  const add = (rows: MetricRows): void => {
    if (wanted.some((metric) => metric.of === 'classes')) countClasses(counts, rows, decision)
    if (wanted.some((metric) => metric.of === 'errors'))
      sumErrors(sums, units ? { outputs: inUnits(rows.outputs, units), labels: inUnits(rows.labels, units) } : rows)
  }

  const values = (): Record<string, number> =>
    Object.fromEntries(wanted.map((metric) => [metric.type, metric.of === 'classes' ? metric.value(counts) : metric.value(sums)]))

  return { add, values, sums: (): Float64Array => packSums(counts, sums) }
}

const summed = (counts: ClassCounts, sums: ErrorSums): Float64Array[] => [
  ...[counts.truePositives, counts.falsePositives, counts.falseNegatives],
  ...[sums.absolute, sums.square, sums.origin, sums.label, sums.labelSquare],
]

const packSums = (counts: ClassCounts, sums: ErrorSums): Float64Array => {
  const columns = summed(counts, sums)
  const size = sums.absolute.length
  const packed = new Float64Array(3 + columns.length * size)
  packed.set([counts.decisions, counts.correct, sums.rows])
  for (const [at, values] of columns.entries()) packed.set(values, 3 + at * size)
  return packed
}

const restoreSums = (counts: ClassCounts, sums: ErrorSums, packed: Float64Array): void => {
  ;[counts.decisions, counts.correct, sums.rows] = [must(packed, 0), must(packed, 1), must(packed, 2)]
  const size = sums.absolute.length
  for (const [at, values] of summed(counts, sums).entries()) values.set(packed.subarray(3 + at * size, 3 + (at + 1) * size))
}

/** Values of each column in its unit. */
const inUnits = (values: Float32Array, { means, stds }: Units): Float32Array =>
  values.map((value, at) => value * must(stds, at % stds.length) + must(means, at % means.length))

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

/** The mean of a share over all classes that occur; a share of nothing is 0. */
const macroAverage = (
  { truePositives, falsePositives, falseNegatives }: ClassCounts,
  share: (of: { hits: number; chosen: number; actual: number }) => [numerator: number, denominator: number],
): number => {
  let sum = 0
  let classes = 0
  truePositives.forEach((hits, index) => {
    const chosen = hits + must(falsePositives, index)
    const actual = hits + must(falseNegatives, index)
    if (chosen + actual === 0) return
    const [numerator, denominator] = share({ hits, chosen, actual })
    sum += denominator === 0 ? 0 : numerator / denominator
    classes += 1
  })
  return classes === 0 ? 0 : sum / classes
}

const r2OfColumn = ({ square, label, labelSquare, rows }: ErrorSums, column: number): number => {
  const residual = must(square, column)
  const total = must(labelSquare, column) - must(label, column) ** 2 / rows
  if (total > 0) return 1 - residual / total
  return residual === 0 ? 1 : 0
}
