/** A job as the API shows it: one training run, from its config to its result. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import type { EngineDescription } from '../contracts/engine.ts'
import { type JobErrorCode, jobErrorCodes } from '../contracts/error-codes.ts'
import { type JobStatus, jobStatuses } from '../contracts/lifecycle.ts'
import { type JobConfig, metadataSchema } from './job-config.schema.ts'
import { jsonNumber } from './numbers.ts'
import { omittedSchema, pageOf, pageQuery } from './page.schema.ts'
import { TruthSchema } from './truth.schema.ts'

const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description })
const time = (description: string) => Type.String({ format: 'date-time', description })

export const statusSchema = Type.Unsafe<JobStatus>({
  $id: 'JobStatus',
  type: 'string',
  enum: [...jobStatuses],
  description: 'succeeded, failed and cancelled are final.',
})

export const EngineSchema = Type.Unsafe<EngineDescription>({
  $id: 'Engine',
  type: 'object',
  properties: {
    name: { type: 'string', description: '`eager`, `graph`, or `solver` where nothing is trained' },
    backend: { type: 'string', enum: ['tensorflow-gpu', 'tensorflow', 'wasm', 'cpu'] },
    device: { type: 'string', enum: ['cpu', 'gpu'] },
    version: { type: 'string', description: 'Of the library behind the backend.' },
  },
  required: ['name', 'backend', 'device', 'version'],
})

const perOutput = (description: string) =>
  Type.Union([jsonNumber(), Type.Array(jsonNumber())], { description: `${description} A list, by output, where the model has several.` })

/** What a solver tells of its answer besides the weights. */
export const SolverResultSchema = Type.Object(
  {
    type: Type.String(),
    rSquared: perOutput("Share of the labels' variance over the training rows that the model explains; about zero without a bias."),
    standardErrors: Type.Object(
      {
        weights: Type.Array(jsonNumber(), { description: 'In the order of `layers.0.weight`.' }),
        bias: Type.Optional(perOutput('Absent without a bias.')),
      },
      { description: 'Standard errors of the weights; `"NaN"` where no degrees of freedom are left.' },
    ),
    degreesOfFreedom: Type.Number({ description: 'Rows less weights of one output; effective weights where a weightDecay shrinks them.' }),
  },
  { $id: 'SolverResult', description: 'Of a job with a `solver`.' },
)

export const EstimationErrorSchema = Type.Object(
  { weights: Type.Array(jsonNumber()), bias: jsonNumber() },
  { $id: 'EstimationError', description: 'True minus learned; for synthetic linear data and one dense layer of one unit.' },
)

/** What a finished job says about its training; solvers and synthetic data add fields of their own. */
export const JobResultSchema = Type.Object(
  {
    loss: jsonNumber(),
    epochs: Type.Integer({ description: 'Finished epochs.' }),
    seconds: Type.Number({ description: 'Training time, full-set loss included, without waiting and storing.' }),
    estimationError: Type.Optional(ref(EstimationErrorSchema)),
    stopReason: Type.Optional(
      Type.Unsafe<'epochs' | 'earlyStopping' | 'stopAtLoss' | 'solved'>({
        type: 'string',
        enum: ['epochs', 'earlyStopping', 'stopAtLoss', 'solved'],
        description: 'Why training ended: all epochs were run, or what ended it before. Absent in jobs of older versions.',
      }),
    ),
    restoredEpoch: Type.Optional(
      Type.Integer({ description: 'The epoch whose weights and loss these are, where early stopping went back to its best.' }),
    ),
    solver: Type.Optional(ref(SolverResultSchema)),
    truth: Type.Optional(ref(TruthSchema)),
  },
  { $id: 'JobResult', description: 'What a finished job says of its training.' },
)
export type JobResult = Static<typeof JobResultSchema>

/** Why a job failed. */
export const JobErrorSchema = Type.Object(
  {
    code: Type.Unsafe<JobErrorCode>({ type: 'string', enum: [...jobErrorCodes], description: 'For programs.' }),
    message: Type.String({ description: 'For people.' }),
  },
  { $id: 'JobError', description: 'Why a job failed.' },
)

/** The schemas of configs with every default filled in follow from that of requests: see resolved.ts. */
const filledIn = (name: 'ResolvedJobConfig' | 'EstimatedJobConfig', description: string) =>
  Type.Unsafe<JobConfig>({ $ref: `${name}#`, description })

const exampleConfig = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
  model: {
    layers: [
      {
        type: 'dense',
        units: 1,
        activation: 'linear',
        bias: true,
        weightInitializer: { type: 'fanInUniform' },
        biasInitializer: { type: 'fanInUniform' },
      },
    ],
  },
  loss: { type: 'mse', reduction: 'mean' },
  optimizer: { type: 'sgd', learningRate: 0.03, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 },
  training: { epochs: 3, batchSize: 10, shuffle: true, dropLast: false, validationSplit: 0, seed: 42 },
  metrics: [],
  record: { gradients: 'full', weights: 'last' },
  metadata: {},
  priority: 0,
  device: 'any',
}

const exampleJob = {
  id: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6',
  status: 'queued',
  config: exampleConfig,
  dataset: { id: 'ds_01kaf3m5d9v0q8c1x2y3z4w5a5' },
  progress: { epoch: 0, epochs: 3, fraction: 0, etaSeconds: null, latestLoss: null },
  queue: { position: 1 },
  engine: null,
  result: null,
  error: null,
  metadata: {},
  createdAt: '2026-11-22T10:00:00.000Z',
  queuedAt: '2026-11-22T10:00:00.000Z',
  startedAt: null,
  finishedAt: null,
}

export const JobSchema = Type.Object(
  {
    id: Type.String({ description: '`job_…`' }),
    status: ref(statusSchema),
    config: filledIn('ResolvedJobConfig', 'The config, every default filled in, the seed included.'),
    dataset: Type.Object({ id: Type.String() }),
    progress: Type.Object({
      epoch: Type.Integer({ description: 'Finished epochs.' }),
      epochs: Type.Integer({ description: 'Epochs asked for.' }),
      fraction: Type.Number({ minimum: 0, maximum: 1, description: 'Finished share of all steps.' }),
      etaSeconds: nullable(Type.Number(), 'Training time that is left, as far as it can be told.'),
      latestLoss: nullable(jsonNumber(), 'Loss of the last finished epoch; null before the first.'),
    }),
    queue: Type.Object({
      position: nullable(
        Type.Integer({ minimum: 1 }),
        'Place among your own jobs that wait, 1 being the next of them, by priority and age; null unless queued. Jobs of others are not counted: tenants take turns.',
      ),
      waitsFor: Type.Optional(
        Type.Unsafe<'gpu'>({
          type: 'string',
          enum: ['gpu'],
          description: 'What a worker must have to take it: there while a job with `device: "gpu"` is queued.',
        }),
      ),
    }),
    engine: nullable(ref(EngineSchema), 'What trains it; null before a worker took it.'),
    result: nullable(ref(JobResultSchema), 'Null until it has succeeded.'),
    error: nullable(ref(JobErrorSchema), 'Why it failed; null otherwise.'),
    metadata: ref(metadataSchema),
    omitted: omittedSchema,
    createdAt: time('When it was posted.'),
    queuedAt: time('When it was queued last.'),
    startedAt: nullable(Type.String({ format: 'date-time' }), 'When a worker first took it.'),
    finishedAt: nullable(Type.String({ format: 'date-time' }), 'When it reached a final status.'),
  },
  {
    $id: 'Job',
    examples: [exampleJob],
  },
)
export type JobResource = Static<typeof JobSchema>

/** What a config comes to, without creating anything. */
export const JobEstimateSchema = Type.Object(
  {
    valid: Type.Literal(true),
    parameterCount: Type.Integer({ description: 'Weights to be learned.' }),
    stepsPerEpoch: Type.Integer({ description: 'Mini-batches of an epoch.' }),
    trainingRows: Type.Integer(),
    validationRows: Type.Integer(),
    memoryBytes: Type.Integer({ description: 'Bytes that training is expected to add to a warm process at its peak: an estimate.' }),
    parameters: Type.Array(Type.Object({ name: Type.String(), shape: Type.Array(Type.Integer()) })),
    config: filledIn('EstimatedJobConfig', 'The config, every default filled in.'),
  },
  {
    $id: 'JobEstimate',
    examples: [
      {
        valid: true,
        parameterCount: 3,
        stepsPerEpoch: 100,
        trainingRows: 1000,
        validationRows: 0,
        memoryBytes: 21_100_000,
        parameters: [
          { name: 'layers.0.weight', shape: [2, 1] },
          { name: 'layers.0.bias', shape: [1] },
        ],
        config: exampleConfig,
      },
    ],
  },
)
export type JobEstimate = Static<typeof JobEstimateSchema>

export const JobPageSchema = pageOf(ref(JobSchema), {
  $id: 'JobPage',
  examples: [{ data: [exampleJob], hasMore: false, nextCursor: null }],
})

/** Filters of the list of jobs; `metadata[key]=value` may come several times. */
export const jobListQuery = Type.Unsafe<Record<string, unknown> & { after?: string; limit: number; status?: JobStatus }>({
  ...Type.Object({ ...pageQuery('job'), status: Type.Optional(ref(statusSchema)) }),
  patternProperties: { '^metadata\\[.{1,64}\\]$': { type: 'string', maxLength: 512 } },
  additionalProperties: false,
})

/** What the document says of `metadata[key]=value`, which stands in no list of properties. */
export const metadataFilter = {
  name: 'metadata',
  in: 'query',
  required: false,
  style: 'deepObject',
  explode: true,
  description: 'Only jobs whose metadata has each of these entries, given as `metadata[key]=value`.',
  schema: { type: 'object', additionalProperties: { type: 'string', maxLength: 512 } },
}
