/** Every metric by its type, and their values from a model's outputs. */
import { countClasses, newClassCounts } from './count-classes.ts'
import { type DecidingLoss, type Decision, decisionOf } from './decision.ts'
import { type LossType, lossCatalog } from './losses/all-losses.ts'
import type { Loss } from './losses/loss.ts'
import type { Metric } from './metric.ts'
import { accuracy } from './metrics/accuracy.ts'
import { f1 } from './metrics/f1.ts'
import { mae } from './metrics/mae.ts'
import { precision } from './metrics/precision.ts'
import { r2 } from './metrics/r2.ts'
import { recall } from './metrics/recall.ts'
import { rmse } from './metrics/rmse.ts'
import { newErrorSums, sumErrors } from './sum-errors.ts'

export const metricCatalog = { accuracy, precision, recall, f1, mae, rmse, r2 } satisfies Record<string, Metric>

export type MetricType = keyof typeof metricCatalog

/** What a metric needs that this loss does not train, if so. */
export const metricMisfit = (type: MetricType, loss: LossType): string | undefined => {
  const entry: Loss = lossCatalog[loss]
  if (metricCatalog[type].of === 'classes') return decisionOf({ type: loss }) ? undefined : `a loss of classes, ${loss} has none`
  return entry.inputs === 1 && entry.target === 'number' ? undefined : `a loss of numbers, ${loss} trains none`
}

/** Some rows: flat outputs, `columns` of them per row, and as many labels or one class index per row. */
export type MetricRows = { outputs: Float32Array; labels: Float32Array }

const noDecision: Decision = { by: 'threshold', above: 0 }

/** Metrics over rows that come in pieces. `columns` is the size of the outputs' last axis. */
export const createMetrics = (types: readonly MetricType[], { loss, columns }: { loss: DecidingLoss; columns: number }) => {
  const decision = decisionOf(loss) ?? noDecision
  const counts = newClassCounts(columns)
  const sums = newErrorSums(columns)
  const wanted = types.map((type): Metric => metricCatalog[type])

  const add = (rows: MetricRows): void => {
    if (wanted.some((metric) => metric.of === 'classes')) countClasses(counts, rows, decision)
    if (wanted.some((metric) => metric.of === 'errors')) sumErrors(sums, rows)
  }

  const values = (): Record<string, number> =>
    Object.fromEntries(wanted.map((metric) => [metric.type, metric.of === 'classes' ? metric.value(counts) : metric.value(sums)]))

  return { add, values }
}
