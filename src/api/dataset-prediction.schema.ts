/** Predictions for all rows of a dataset, which workers make while nobody waits. */
import { type Static, Type } from 'typebox'
import { objectWithDefaults } from '../catalog/definition.ts'
import type { SyntheticSpec } from '../catalog/generators.ts'
import { ref } from '../catalog/ref.ts'
import { datasetReferenceSchema, syntheticDatasetSchema } from './job-config/parts.schema.ts'
import { nullable } from './nullable.ts'
import { jsonNumber } from './numbers.ts'
import { fieldsQuery, pageOf, pageQuery } from './page.schema.ts'
import { ClassNameSchema, optionalOutput, outputSchema } from './prediction-output.schema.ts'
import type { Named } from './published.ts'

export const datasetPredictionLimits = {
  /** Predictions of a tenant that have not ended. */
  pending: 100,
  /** Bytes of the numbers of one prediction, four a number. */
  bytes: 2 ** 30,
  /** Days that one is kept after its end. */
  keptDays: 7,
}

export const datasetPredictionStatuses = ['queued', 'running', 'succeeded', 'failed'] as const
export type DatasetPredictionStatus = (typeof datasetPredictionStatuses)[number]

/** Codes of a failed prediction's `error`. */
export const datasetPredictionErrorCodes = ['WORKER_CRASHED', 'OUT_OF_MEMORY', 'LABEL_OUT_OF_RANGE', 'INTERNAL'] as const
export type DatasetPredictionErrorCode = (typeof datasetPredictionErrorCodes)[number]

/** The data of a prediction: a stored dataset, or rows that the service generates. */
export type PredictedDataset = { id: string } | { synthetic: SyntheticSpec }
const PredictedDatasetSchema = Type.Unsafe<PredictedDataset>({
  $id: 'PredictedDataset',
  type: 'object',
  description: 'A stored dataset by `id`, or data that the service generates: `{synthetic}`. Its columns are found by name.',
  if: { type: 'object', required: ['synthetic'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: ref(syntheticDatasetSchema),
  else: ref(datasetReferenceSchema),
})

/** What a request for a whole dataset has besides `output`. */
export const predictDatasetFields = {
  dataset: ref(PredictedDatasetSchema),
  metrics: Type.Optional(
    Type.Boolean({
      description:
        "Whether the loss over these rows and the job's metrics are measured by the labels of the dataset; left out, if it has labels that fit.",
    }),
  ),
}

export const PredictDatasetSchema = objectWithDefaults(
  { ...predictDatasetFields, output: optionalOutput },
  { $id: 'PredictDataset', description: 'All rows of a dataset: the answer is 202 with a prediction, which workers make.' },
)

const example = {
  id: 'pred_01kaf3m5d9v0q8c1x2y3z4w5a6',
  status: 'succeeded' as const,
  jobId: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6',
  epoch: 40,
  dataset: { id: 'ds_01kaf3m5d9v0q8c1x2y3z4w5a6' },
  output: 'class' as const,
  classes: ['Adelie', 'Chinstrap', 'Gentoo'],
  progress: { rows: 344, of: 344, fraction: 1 },
  metrics: { loss: 0.02, accuracy: 0.99 },
  confusion: [
    [151, 1, 0],
    [1, 67, 0],
    [0, 0, 124],
  ],
  seconds: 0.2,
  error: null,
  createdAt: '2026-11-26T10:00:00.000Z',
  startedAt: '2026-11-26T10:00:00.100Z',
  finishedAt: '2026-11-26T10:00:00.400Z',
  expiresAt: '2026-12-03T10:00:00.400Z',
}

const ProgressSchema = Type.Object(
  {
    rows: Type.Integer({ minimum: 0, description: 'Rows that are done.' }),
    of: Type.Integer({ minimum: 0, description: 'Rows of the dataset.' }),
    fraction: Type.Number({ minimum: 0, maximum: 1 }),
  },
  { $id: 'DatasetPredictionProgress', description: 'How far a prediction is.' },
)

export const DatasetPredictionErrorSchema = Type.Object(
  {
    code: Type.Unsafe<DatasetPredictionErrorCode>({
      type: 'string',
      enum: [...datasetPredictionErrorCodes],
      description: 'Why it failed, for programs.',
    }),
    message: Type.String({ description: 'Why it failed, for people.' }),
  },
  { $id: 'DatasetPredictionError', description: 'Why a prediction failed.' },
)

export const DatasetPredictionSchema = Type.Object(
  {
    id: Type.String({ description: '`pred_…`' }),
    status: Type.Unsafe<DatasetPredictionStatus>({
      type: 'string',
      enum: [...datasetPredictionStatuses],
      description: 'Where it stands; the last two are final.',
    }),
    jobId: Type.String({ description: 'Whose weights.' }),
    epoch: nullable(Type.Integer({ minimum: 0 }), 'Finished epochs behind the weights; null until a worker has read them.'),
    dataset: ref(PredictedDatasetSchema),
    output: outputSchema('What is told of each row.'),
    classes: Type.Optional(
      Type.Unsafe<(string | number | boolean)[] | (string | number | boolean)[][]>({
        type: 'array',
        items: { anyOf: [ref(ClassNameSchema), { type: 'array', items: ref(ClassNameSchema) }] },
        description:
          'The classes in the order of their probabilities, not with raw outputs nor in lists; of several labels a list for each.',
      }),
    ),
    progress: ref(ProgressSchema),
    metrics: nullable(
      Type.Record(Type.String(), jsonNumber()),
      "The `loss` over these rows, told as the epochs of the job tell it, and the job's metrics; null until it has succeeded, or without labels.",
    ),
    confusion: nullable(
      Type.Array(Type.Array(Type.Integer({ minimum: 0 }))),
      'Rows by class and, in it, by decision, in the order of the classes; null as `metrics`, and where a row has no one class of at most 100.',
    ),
    seconds: Type.Number({ minimum: 0, description: 'Time that workers have spent on it.' }),
    error: nullable(ref(DatasetPredictionErrorSchema), 'Why it failed; else null.'),
    createdAt: time('When it was asked for.'),
    startedAt: nullable(time('When a worker took it up first.')),
    finishedAt: nullable(time('When it ended.')),
    expiresAt: nullable(time('When it will be deleted; null until it has ended.')),
  },
  { $id: 'DatasetPrediction', description: 'What a model gives for all rows of a dataset.', examples: [example] },
)
export type DatasetPredictionResource = Static<typeof DatasetPredictionSchema>

export const DatasetPredictionPageSchema = pageOf(ref(DatasetPredictionSchema), {
  $id: 'DatasetPredictionPage',
  description: 'A page of predictions.',
  examples: [{ data: [example], hasMore: false, nextCursor: null }],
})

export const datasetPredictionListQuery = Type.Object(
  {
    ...pageQuery('pred'),
    ...fieldsQuery(DatasetPredictionSchema),
    status: Type.Optional(
      Type.Unsafe<DatasetPredictionStatus>({
        type: 'string',
        enum: [...datasetPredictionStatuses],
        description: 'Only those that stand so.',
      }),
    ),
    job: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Only those of this job: `job_…`.' })),
  },
  { additionalProperties: false },
)

export const datasetPredictionSchemas: readonly Named[] = [
  PredictedDatasetSchema,
  PredictDatasetSchema,
  ProgressSchema,
  DatasetPredictionErrorSchema,
  DatasetPredictionSchema,
  DatasetPredictionPageSchema,
]

function time(description: string) {
  return Type.String({ format: 'date-time', description })
}
