/** Limits of a metric that a job tells of once an epoch passes them. */
import { Type } from 'typebox'
import { type MetricType, metricCatalog, validationName } from '../../catalog/metrics.ts'
import { ref } from '../../catalog/ref.ts'

/** What every epoch says by itself. */
const plainMetrics = ['loss', 'batchLoss', 'validationLoss', 'gradientNorm'] as const

const metricTypes = Object.keys(metricCatalog) as MetricType[]

/** What a threshold may watch: columns of an epoch's row, and metrics, also over the rows held back. */
export type ThresholdMetric = (typeof plainMetrics)[number] | MetricType | `validation${Capitalize<MetricType>}`

/** One entry of `on`. Exactly one of `below` and `above` is there. */
export type Threshold = { metric: ThresholdMetric; below?: number; above?: number }

export const thresholdMetricSchema = Type.Unsafe<ThresholdMetric>({
  $id: 'ThresholdMetric',
  type: 'string',
  enum: [...plainMetrics, ...metricTypes, ...metricTypes.map(validationName)],
  description:
    'What is watched: a value that every epoch has, or a metric that `metrics` of the job lists, with `validation` before it if it is that of the rows held back.',
})

const limit = (description: string) => Type.Number({ minimum: -1e12, maximum: 1e12, description })

const metric = ref(thresholdMetricSchema)
const limits = {
  below: limit('The event comes with the first epoch whose value is smaller.'),
  above: limit('The event comes with the first epoch whose value is greater.'),
}

export const belowSchema = Type.Object(
  { metric, below: limits.below },
  { $id: 'ThresholdBelow', additionalProperties: false, description: 'Passed by a value that is smaller.' },
)
export const aboveSchema = Type.Object(
  { metric, above: limits.above },
  { $id: 'ThresholdAbove', additionalProperties: false, description: 'Passed by a value that is greater.' },
)

/** That one of both limits is there is checked with the metric, when the job is planned: a validation error then says so in words. */
export const thresholdSchema = Type.Unsafe<Threshold>({
  $id: 'Threshold',
  type: 'object',
  properties: { metric, ...limits },
  required: ['metric'],
  additionalProperties: false,
  published: { oneOf: [ref(belowSchema), ref(aboveSchema)] },
  description: 'A limit of a metric: `below` or `above`, one of both.',
})

/** The part of a job config. */
export const thresholdsSchema = Type.Array(ref(thresholdSchema), {
  maxItems: 10,
  description:
    'Limits to tell of: each of them, once in the life of the job, by an event `threshold` beside that of the first epoch which passes it. NaN passes none.',
})

/** All that have a name. */
export const thresholdSchemas = [thresholdMetricSchema, belowSchema, aboveSchema, thresholdSchema]
