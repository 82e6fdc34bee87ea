/** A job as the API shows it: one training run, from its config to its result. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import type { EngineDescription } from '../contracts/engine.ts'
import { type JobStatus, jobStatuses, keptRestarts, type RestartCause, restartCauses } from '../contracts/lifecycle.ts'
import { datasetReferenceSchema } from './job-config/parts.schema.ts'
import type { JobConfig } from './job-config.schema.ts'
import { JobErrorSchema, JobResultSchema } from './job-result.schema.ts'
import { metadataSchema } from './metadata.schema.ts'
import { nullable } from './nullable.ts'
import { jsonNumber } from './numbers.ts'
import { omittedSchema } from './page.schema.ts'

export const statusSchema = Type.Unsafe<JobStatus>({
  $id: 'JobStatus',
  type: 'string',
  enum: [...jobStatuses],
  description: 'Status of a job; succeeded, failed and cancelled are final.',
})

export const EngineSchema = Type.Unsafe<EngineDescription>({
  $id: 'Engine',
  type: 'object',
  properties: {
    name: { type: 'string', description: '`eager`, `graph`, or `solver` if nothing is trained.' },
    backend: { type: 'string', enum: ['tensorflow-gpu', 'tensorflow', 'wasm', 'cpu'] },
    device: { type: 'string', enum: ['cpu', 'gpu'] },
    version: { type: 'string', description: 'Of the library behind the backend.' },
  },
  required: ['name', 'backend', 'device', 'version'],
  description: 'What executes the maths of a job.',
})

/** How far a job is. */
export const JobProgressSchema = Type.Object(
  {
    epoch: Type.Integer({ description: 'Finished epochs.' }),
    epochs: Type.Integer({ description: 'Epochs asked for.' }),
    fraction: Type.Number({ minimum: 0, maximum: 1, description: 'Finished share of all steps.' }),
    etaSeconds: nullable(Type.Number(), 'Training time that is left, as far as it can be told.'),
    latestLoss: nullable(jsonNumber(), 'Loss of the last finished epoch; null before the first.'),
  },
  { $id: 'JobProgress', description: 'How far a job is.' },
)

/** Where a job stands among those that wait. */
export const QueuePlaceSchema = Type.Object(
  {
    position: nullable(
      Type.Integer({ minimum: 1 }),
      'Place among your own jobs that wait, 1 being the next of them, by priority and age; null unless queued. Jobs of others are not counted: tenants take turns.',
    ),
    approximate: Type.Optional(
      Type.Boolean({ description: 'There, and true, if the position is an estimate: more than 200 of your jobs are ahead.' }),
    ),
    waitsFor: Type.Optional(
      Type.Unsafe<'worker' | 'gpu' | 'turn' | 'limit'>({
        type: 'string',
        enum: ['worker', 'gpu', 'turn', 'limit'],
        description:
          'Why it waits, while it is queued. `worker`: it is the next one, once a training process is free. `turn`: others of your jobs, or another tenant, come first. `limit`: as many of your jobs run as may at a time. `gpu`: it asks for one, and no worker has any.',
      }),
    ),
  },
  { $id: 'QueuePlace', description: 'The place of a job among those that wait.' },
)

/** A parameter that a model has, without its values. */
export const ParameterShapeSchema = Type.Object(
  {
    name: Type.String({ description: '`layers.{index}.{weight|bias}`' }),
    shape: Type.Array(Type.Integer(), { description: 'Sizes of the axes.' }),
  },
  { $id: 'ParameterShape', description: 'Name and shape of a parameter.' },
)

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

/** A job as it is answered to its POST. */
export const exampleJob = {
  id: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6',
  status: 'queued',
  config: exampleConfig,
  dataset: { id: 'ds_01kaf3m5d9v0q8c1x2y3z4w5a5' },
  progress: { epoch: 0, epochs: 3, fraction: 0, etaSeconds: null, latestLoss: null },
  queue: { position: 1, waitsFor: 'worker' },
  engine: null,
  result: null,
  error: null,
  restartCount: 0,
  restarts: [],
  metadata: {},
  createdAt: '2026-11-22T10:00:00.000Z',
  queuedAt: '2026-11-22T10:00:00.000Z',
  startedAt: null,
  finishedAt: null,
}

export const JobRestartSchema = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    cause: Type.Unsafe<RestartCause>({
      type: 'string',
      enum: [...restartCauses],
      description:
        '`processCrashed`: the training process died. `workerLost`: its worker was no more heard of. `workerStopped`: its worker was told to end.',
    }),
    fromEpoch: Type.Integer({ minimum: 0, description: 'Finished epochs from which it went on.' }),
  },
  { $id: 'JobRestart', description: 'A time that a job went on with another process.' },
)

/** Which value of a metric jobs are sorted by. */
export const sortedValues = ['best', 'min', 'max', 'last'] as const
export type SortedValue = (typeof sortedValues)[number]

export const SortedBySchema = Type.Object(
  {
    metric: Type.String({ description: 'A number of its epochs, as `sort` names it.' }),
    of: Type.Unsafe<SortedValue>({
      type: 'string',
      enum: [...sortedValues],
      description: 'The best, smallest or largest value of all epochs so far, or that of the last one.',
    }),
    value: Type.Number({ description: 'What it was when the page was read.' }),
  },
  { $id: 'SortedBy', description: 'Only in lists that are sorted by a metric: what put the job where it is.' },
)

export const JobSchema = Type.Object(
  {
    id: Type.String({ description: '`job_…`' }),
    status: ref(statusSchema),
    config: filledIn('ResolvedJobConfig', 'The config, every default filled in, the seed included.'),
    dataset: ref(datasetReferenceSchema, { description: 'The dataset that it trains on; a synthetic spec became one.' }),
    progress: ref(JobProgressSchema),
    queue: ref(QueuePlaceSchema),
    engine: nullable(ref(EngineSchema), 'What trains it; null before a worker took it.'),
    result: nullable(ref(JobResultSchema), 'Null until it has succeeded.'),
    error: nullable(ref(JobErrorSchema), 'Why it failed; null otherwise.'),
    restartCount: Type.Integer({ minimum: 0, description: 'How often it went on with another process. Pauses are none.' }),
    restarts: Type.Array(ref(JobRestartSchema), {
      maxItems: keptRestarts,
      description: `The last ${keptRestarts} of those times, oldest first.`,
    }),
    metadata: ref(metadataSchema),
    sortedBy: Type.Optional(ref(SortedBySchema)),
    omitted: omittedSchema,
    createdAt: time('When it was posted.'),
    queuedAt: time('When it was queued last.'),
    startedAt: nullable(Type.String({ format: 'date-time' }), 'When a worker first took it.'),
    finishedAt: nullable(Type.String({ format: 'date-time' }), 'When it reached a final status.'),
  },
  {
    $id: 'Job',
    description: 'A training run, from its config to its result.',
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
    trainingRows: Type.Integer({ description: 'Rows that are trained on.' }),
    validationRows: Type.Integer({ description: 'Rows held back for validation.' }),
    droppedRows: Type.Integer({ description: 'Rows left out: those without a label, or without a feature that they are dropped for.' }),
    memoryBytes: Type.Integer({ description: 'Bytes that training is expected to add to a warm process at its peak: an estimate.' }),
    parameters: Type.Array(ref(ParameterShapeSchema), { description: 'In the order of the layers.' }),
    config: filledIn('EstimatedJobConfig', 'The config, every default filled in.'),
  },
  {
    $id: 'JobEstimate',
    description: 'What a config comes to, without creating anything.',
    examples: [
      {
        valid: true,
        parameterCount: 3,
        stepsPerEpoch: 100,
        trainingRows: 1000,
        validationRows: 0,
        droppedRows: 0,
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

function time(description: string) {
  return Type.String({ format: 'date-time', description })
}

/** The schemas of configs with every default filled in follow from that of requests: see resolved.ts. */
function filledIn(name: 'ResolvedJobConfig' | 'EstimatedJobConfig', description: string) {
  return Type.Unsafe<JobConfig>({ $ref: `${name}#`, description })
}
