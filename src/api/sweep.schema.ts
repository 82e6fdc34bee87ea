/** A sweep: many jobs over one grid of configs, compared side by side. */
import { type Static, Type } from 'typebox'
import { objectWithDefaults } from '../catalog/definition.ts'
import { ref } from '../catalog/ref.ts'
import { statusSchema } from './job.schema.ts'
import { jobConfigFields } from './job-config.schema.ts'
import { EstimationErrorSchema, JobErrorSchema } from './job-result.schema.ts'
import { metadataSchema } from './metadata.schema.ts'
import { nullable } from './nullable.ts'
import { jsonNumber } from './numbers.ts'
import { omittedSchema, pageOf } from './page.schema.ts'
import { optionalFields } from './published.ts'

/** Most jobs of one sweep. */
export const largestSweep = 200

/** Most numbers and texts that the configs of a sweep's jobs may hold together, without shared initial weights. */
export const maxSweepValues = 1_000_000

/** Dotted paths into the config, each with the values to try; every combination is a job. */
export type Grid = Record<string, unknown[]>
/** Values by dotted path: one job's place in the grid. */
export type GridPoint = Record<string, unknown>

export const GridSchema = Type.Unsafe<Grid>({
  $id: 'Grid',
  type: 'object',
  description: 'Values to try, by dotted path.',
  minProperties: 1,
  maxProperties: 16,
  propertyNames: { type: 'string', minLength: 1, maxLength: 200 },
  additionalProperties: { type: 'array', minItems: 1, maxItems: largestSweep, items: {} },
})

export const SweepGridSchema = Type.Unsafe<Grid | Grid[]>({
  $id: 'SweepGrid',
  description: 'One grid, or several.',
  if: { type: 'array' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { type: 'array', minItems: 1, maxItems: largestSweep, items: ref(GridSchema) },
  else: ref(GridSchema),
})

/** A grid may name any field within a part, `type` too, so nothing more can be said of a part that lacks one. */
export const SweepPartSchema = Type.Unsafe<Record<string, unknown>>({
  $id: 'SweepPart',
  type: 'object',
  additionalProperties: true,
  description: 'A part of a job config that lacks what the grid names.',
})

const { properties: baseFields } = optionalFields([jobConfigFields])

/** Only an object is asked for here: the config of each job, with its point of the grid, is what is validated. */
export const SweepBaseSchema = Type.Unsafe<Record<string, unknown>>({
  $id: 'SweepBase',
  type: 'object',
  description: 'A job config, which may lack what the grid names: whole fields, or fields within its parts.',
  published: {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(baseFields).map(([name, field]) => [name, field.$ref ? { anyOf: [field, ref(SweepPartSchema)] } : field]),
    ),
  },
})

const notebookGrid = [{ 'loss.reduction': ['mean'] }, { 'loss.reduction': ['sum'], 'optimizer.learningRate': [0.03, 0.003] }]
const notebookBase = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs: 3, batchSize: 10, seed: 42 },
}

export const CreateSweepSchema = objectWithDefaults(
  {
    base: ref(SweepBaseSchema, {
      description: `A job config. What the grid names may be left out. All jobs' configs may hold ${maxSweepValues} numbers and texts together, those of \`model.initialWeights\` with them; a request from 256 KiB on, 20,000.`,
    }),
    grid: Type.Optional(
      ref(SweepGridSchema, {
        description:
          'Values by dotted path, e.g. `optimizer.learningRate` or `model.layers.0.units`; every combination is a job. A path names a field of the job config, or an element that a list of the base has. A list of grids gives the jobs of each. May be left out if the base has `training.folds`.',
      }),
    ),
    rankBy: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'perExampleLoss, perExampleValidationLoss, estimationError, or a metric; left out, the first of these that all jobs can be compared by.',
      }),
    ),
    metadata: ref(metadataSchema, { default: {} }),
  },
  { $id: 'CreateSweep', description: 'What `POST /v1/sweeps` takes.', examples: [{ base: notebookBase, grid: notebookGrid }] },
)
export type CreateSweep = Static<typeof CreateSweepSchema>
/** A sweep whose grid is there, with a path for the folds if its base has any. */
export type SweepRequest = CreateSweep & { grid: Grid | Grid[] }

export const GridPointSchema = Type.Record(Type.String(), Type.Unknown(), {
  $id: 'GridPoint',
  description: 'The values of one job, by dotted path.',
})

export const SweepJobSchema = Type.Object(
  {
    position: Type.Integer({ minimum: 1, description: 'Place in the grid, the last path changing fastest.' }),
    jobId: Type.String({ description: '`job_…`' }),
    point: ref(GridPointSchema, { description: 'The values of the grid, by dotted path.' }),
    status: ref(statusSchema),
    rank: nullable(
      Type.Integer({ minimum: 1 }),
      'By the quantity that `rankedBy` names, 1 being best; null until it has succeeded, and if it cannot be compared.',
    ),
    loss: nullable(jsonNumber(), 'The configured loss at the end; of different reductions or kinds it says nothing about which is better.'),
    perExampleLoss: nullable(jsonNumber(), 'The same loss with reduction mean; null if that does not follow from it.'),
    validationLoss: nullable(jsonNumber(), 'The configured loss over the rows held back.'),
    perExampleValidationLoss: nullable(jsonNumber(), 'The same with reduction mean.'),
    estimationError: nullable(ref(EstimationErrorSchema), 'True minus learned, if the data is synthetic and linear; else null.'),
    metrics: Type.Record(Type.String(), jsonNumber(), { description: 'The metrics of the last epoch, by name.' }),
    epochs: Type.Integer({ description: 'Finished epochs.' }),
    seconds: Type.Number({ description: 'Training time.' }),
    error: nullable(ref(JobErrorSchema), 'Why it failed; null otherwise.'),
  },
  { $id: 'SweepJob', description: 'A job of a sweep, as a row of its table.' },
)
export type SweepJob = Static<typeof SweepJobSchema>

export const MeanAndSpreadSchema = Type.Object(
  { mean: jsonNumber('Mean over the folds.'), std: jsonNumber('Standard deviation over the folds, with divisor n.') },
  { $id: 'MeanAndSpread', description: 'What a measure comes to over several folds.' },
)
export type MeanAndSpread = Static<typeof MeanAndSpreadSchema>

/** Jobs that differ by nothing but the part of the rows that they hold back. */
export const FoldedPointSchema = Type.Object(
  {
    point: ref(GridPointSchema, { description: 'What these jobs have in common of the grid.' }),
    folds: Type.Integer({ minimum: 1, description: 'How many jobs they are.' }),
    succeeded: Type.Integer({ minimum: 0, description: 'How many of them have succeeded: those that count.' }),
    measures: Type.Record(Type.String(), ref(MeanAndSpreadSchema), {
      description: 'By name: `validationLoss`, `loss`, both per example, and every metric.',
    }),
  },
  { $id: 'FoldedPoint', description: 'A point of a grid, cross-validated.' },
)
export type FoldedPoint = Static<typeof FoldedPointSchema>

const exampleSweep = {
  id: 'sweep_01kaf3m5d9v0q8c1x2y3z4w5a6',
  status: 'finished',
  base: notebookBase,
  grid: notebookGrid,
  rankedBy: 'perExampleLoss',
  rankedBecause: 'All jobs minimize the same loss.',
  jobs: [
    row(1, { 'loss.reduction': 'mean' }, 1, 0.000104, 0.000104),
    row(3, { 'loss.reduction': 'sum', 'optimizer.learningRate': 0.003 }, 2, 0.104, 0.000104),
    row(2, { 'loss.reduction': 'sum', 'optimizer.learningRate': 0.03 }, 3, 0.131, 0.000131),
  ],
  metadata: {},
  createdAt: '2026-11-22T10:00:00.000Z',
}

export const SweepSchema = Type.Object(
  {
    id: Type.String({ description: '`sweep_…`' }),
    status: Type.Unsafe<'running' | 'finished'>({
      type: 'string',
      enum: ['running', 'finished'],
      description: 'finished once every job is final.',
    }),
    base: ref(SweepBaseSchema, {
      description: 'The config that the grid varies, with the seed that all jobs share.',
    }),
    grid: ref(SweepGridSchema, { description: 'As it was sent; with `training.folds` the folds are one path more.' }),
    rankedBy: nullable(Type.String(), 'The quantity that ranks the jobs; null if none compares them all.'),
    rankedBecause: Type.String({ description: 'Why by this quantity, or why by none.' }),
    jobs: Type.Array(ref(SweepJobSchema), { description: 'The ranked ones first, best to worst; then the others by position.' }),
    crossValidation: Type.Optional(
      Type.Array(ref(FoldedPointSchema), {
        description: 'With `training.folds`: what the jobs that differ by their fold alone come to together, best first.',
      }),
    ),
    metadata: ref(metadataSchema),
    createdAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Sweep', description: 'Jobs over a grid of configs, side by side.', examples: [exampleSweep] },
)
export type SweepResource = Static<typeof SweepSchema>

export const SweepSummarySchema = Type.Object(
  {
    ...Type.Pick(SweepSchema, ['id', 'status', 'base', 'grid', 'metadata', 'createdAt']).properties,
    jobCounts: Type.Record(Type.String(), Type.Integer(), {
      description: 'How many of its jobs have each status; the table is at its id.',
    }),
    omitted: omittedSchema,
  },
  { $id: 'SweepSummary', description: 'A sweep as lists show it: without its table.' },
)
export type SweepSummary = Static<typeof SweepSummarySchema>

const { rankedBy: _by, rankedBecause: _because, jobs: _jobs, ...exampleSummary } = exampleSweep

export const SweepPageSchema = pageOf(ref(SweepSummarySchema), {
  $id: 'SweepPage',
  description: 'A page of sweeps.',
  examples: [{ data: [{ ...exampleSummary, jobCounts: { succeeded: 3 } }], hasMore: false, nextCursor: null }],
})

function row(position: number, point: GridPoint, rank: number, loss: number, perExampleLoss: number) {
  return {
    position,
    jobId: `job_01kaf3m5d9v0q8c1x2y3z4w5a${position}`,
    point,
    status: 'succeeded',
    rank,
    loss,
    perExampleLoss,
    validationLoss: null,
    perExampleValidationLoss: null,
    estimationError: { weights: [0.0004, -0.0006], bias: 0.0002 },
    metrics: {},
    epochs: 3,
    seconds: 0.05,
    error: null,
  }
}
