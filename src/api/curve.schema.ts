/** How one number went over the epochs, of several jobs side by side. */
import { Type } from 'typebox'
import { betterOf, metricCatalog, validationName } from '../catalog/metrics.ts'
import { ref } from '../catalog/ref.ts'
import { epochColumnList } from '../contracts/epoch-columns.ts'
import { nullable } from './nullable.ts'
import { jsonNumber } from './numbers.ts'

/** Jobs whose curves one request may ask for. */
export const maxCurves = 50

const metrics = Object.keys(metricCatalog)

/** Every number of an epoch that has a name: the columns, then the metrics, then those of the rows held back. */
export const curveMetrics: readonly string[] = [
  ...epochColumnList.filter(([, { kind }]) => kind !== 'named').map(([name]) => name),
  ...metrics,
  ...metrics.map(validationName),
]

/** Whether less or more of such a number is better; null if neither is. */
export const betterCurve = (metric: string): 'lower' | 'higher' | null =>
  epochColumnList.some(([name, { neutral }]) => name === metric && neutral) ? null : betterOf(metric)

/** Those of which one of two values is better, which jobs can be sorted by, and which it is. */
export const rankedMetrics: ReadonlyMap<string, 'lower' | 'higher'> = new Map(
  curveMetrics.flatMap((metric) => {
    const better = betterCurve(metric)
    return better ? [[metric, better] as const] : []
  }),
)

/** A query parameter that names one of them. */
export const curveMetricSchema = Type.Unsafe<string>({
  type: 'string',
  enum: curveMetrics,
  default: 'loss',
  description: 'Which number of each epoch: one of its fields, or a metric that the job was to measure.',
})

/** A query parameter: how many points of a curve are wanted at most. */
export const maxPointsSchema = (description: string, options: { default?: number } = {}) =>
  Type.Integer({ minimum: 1, maximum: 10_000, description: `${description} Largest-triangle-three-buckets.`, ...options })

/** Query parameters of curves. */
export const curvesQuery = Type.Object(
  {
    job: Type.Array(Type.String(), {
      minItems: 1,
      maxItems: maxCurves,
      uniqueItems: true,
      description: `Id of a job; repeated for several, at most ${maxCurves}.`,
      examples: [['job_01kaf3m5d9v0q8c1x2y3z4w5a6']],
    }),
    metric: curveMetricSchema,
    maxPoints: maxPointsSchema('At most so many points a job, those that show the shape of its curve.', { default: 200 }),
  },
  { additionalProperties: false },
)

const pointSchema = Type.Array(jsonNumber(), { minItems: 2, maxItems: 2, description: 'Epoch and value.' })

/** One point of all epochs, also of those that are thinned out. */
const onePoint = (description: string) => nullable(pointSchema, `\`[epoch, value]\`: ${description}`)

const CurveSchema = Type.Object(
  {
    jobId: Type.String({ description: '`job_…`' }),
    points: Type.Array(pointSchema, {
      description: '`[epoch, value]`, in order. Epochs that lack the number have no point: none are there if the job does not measure it.',
    }),
    last: onePoint('the last one; null if there is none.'),
    min: onePoint('the first of the smallest finite values; null if there is none.'),
    max: onePoint('the first of the largest finite values; null if there is none.'),
    best: onePoint('`min` or `max`, whichever is better; null if neither is.'),
  },
  { $id: 'Curve', description: 'One number of the epochs of a job.' },
)

export const CurvesSchema = Type.Object(
  {
    better: nullable(
      Type.Unsafe<'lower' | 'higher'>({ type: 'string', enum: ['lower', 'higher'] }),
      'Whether less or more of this number is better; null of one that says nothing of that, as `learningRate`.',
    ),
    data: Type.Array(ref(CurveSchema), { description: 'In the order in which the jobs were named.' }),
  },
  {
    $id: 'Curves',
    description: 'One number of the epochs of several jobs.',
    examples: [
      {
        better: 'lower',
        data: [
          {
            jobId: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6',
            points: [
              [1, 0.0362],
              [2, 0.0002],
            ],
            last: [2, 0.0002],
            min: [2, 0.0002],
            max: [1, 0.0362],
            best: [2, 0.0002],
          },
        ],
      },
    ],
  },
)

export const curveSchemas = [CurveSchema, CurvesSchema]
