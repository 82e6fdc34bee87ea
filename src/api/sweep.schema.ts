/** A sweep: many jobs over one grid of configs, compared side by side. */
import { type Static, Type } from 'typebox'
import { objectWithDefaults } from '../catalog/definition.ts'
import { type JobStatus, jobStatuses } from '../contracts/lifecycle.ts'
import { metadataSchema } from './job-config.schema.ts'
import { JsonNumber } from './numbers.ts'
import { omittedSchema, pageOf } from './page.schema.ts'
import { ref } from './ref.ts'

/** Most jobs of one sweep. */
export const largestSweep = 200

/** Most numbers and texts that the configs of a sweep's jobs may hold together, without shared initial weights. */
export const maxSweepValues = 1_000_000

/** Dotted paths into the config, each with the values to try; every combination is a job. */
export type Grid = Record<string, unknown[]>
/** Values by dotted path: one job's place in the grid. */
export type GridPoint = Record<string, unknown>

const gridSchema = {
  type: 'object',
  minProperties: 1,
  maxProperties: 16,
  propertyNames: { type: 'string', minLength: 1, maxLength: 200 },
  additionalProperties: { type: 'array', minItems: 1, maxItems: largestSweep },
}

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
    base: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      description: `A job config. What the grid names may be left out. All jobs' configs may hold ${maxSweepValues} numbers and texts together, those of \`model.initialWeights\` with them; a request from 256 KiB on, 20,000.`,
    }),
    grid: Type.Unsafe<Grid | Grid[]>({
      description:
        'Values by dotted path, e.g. `optimizer.learningRate` or `model.layers.0.units`; every combination is a job. A path names a field of the job config, or an element that a list of the base has. A list of grids gives the jobs of each.',
      if: { type: 'array' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { type: 'array', minItems: 1, maxItems: largestSweep, items: gridSchema },
      else: gridSchema,
    }),
    rankBy: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'perExampleLoss, perExampleValidationLoss, estimationError, or a metric; left out, the first of these that all jobs can be compared by.',
      }),
    ),
    metadata: metadataSchema,
  },
  { $id: 'CreateSweep', examples: [{ base: notebookBase, grid: notebookGrid }] },
)
export type CreateSweep = Static<typeof CreateSweepSchema>

const nullable = (description: string) => Type.Union([JsonNumber, Type.Null()], { description })

export const SweepJobSchema = Type.Object(
  {
    position: Type.Integer({ minimum: 1, description: 'Place in the grid, the last path changing fastest.' }),
    jobId: Type.String(),
    point: Type.Record(Type.String(), Type.Unknown(), { description: 'The values of the grid, by dotted path.' }),
    status: Type.Unsafe<JobStatus>({ type: 'string', enum: [...jobStatuses] }),
    rank: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
      description: 'By the quantity that `rankedBy` names, 1 being best; null until it has succeeded, and where it cannot be compared.',
    }),
    loss: nullable('The configured loss at the end; of different reductions or kinds it says nothing about which is better.'),
    perExampleLoss: nullable('The same loss with reduction mean; null where that does not follow from it.'),
    validationLoss: nullable('The configured loss over the rows held back.'),
    perExampleValidationLoss: nullable('The same with reduction mean.'),
    estimationError: Type.Union([Type.Object({ weights: Type.Array(JsonNumber), bias: JsonNumber }), Type.Null()], {
      description: 'True minus learned, where the data is synthetic and linear.',
    }),
    metrics: Type.Record(Type.String(), JsonNumber),
    epochs: Type.Integer({ description: 'Finished epochs.' }),
    seconds: Type.Number({ description: 'Training time.' }),
    error: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
  },
  { $id: 'SweepJob' },
)
export type SweepJob = Static<typeof SweepJobSchema>

const row = (position: number, point: GridPoint, rank: number, loss: number, perExampleLoss: number) => ({
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
})

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
    base: Type.Record(Type.String(), Type.Unknown(), {
      description: 'The config that the grid varies, with the seed that all jobs share.',
    }),
    grid: Type.Unsafe<Grid | Grid[]>({ description: 'As it was sent.' }),
    rankedBy: Type.Union([Type.String(), Type.Null()], {
      description: 'The quantity that ranks the jobs; null where none compares them all.',
    }),
    rankedBecause: Type.String({ description: 'Why by this quantity, or why by none.' }),
    jobs: Type.Array(ref(SweepJobSchema), { description: 'The ranked ones first, best to worst; then the others by position.' }),
    metadata: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
    createdAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Sweep', examples: [exampleSweep] },
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
  { $id: 'SweepSummary' },
)
export type SweepSummary = Static<typeof SweepSummarySchema>

const { rankedBy: _by, rankedBecause: _because, jobs: _jobs, ...exampleSummary } = exampleSweep

export const SweepPageSchema = pageOf(ref(SweepSummarySchema), {
  $id: 'SweepPage',
  examples: [{ data: [{ ...exampleSummary, jobCounts: { succeeded: 3 } }], hasMore: false, nextCursor: null }],
})
