/** The other parts of a job config. */
import { type Static, Type } from 'typebox'
import { objectWithDefaults } from '../../catalog/definition.ts'
import { generatorFamily, type SyntheticSpec } from '../../catalog/generators.ts'
import { type MetricType, metricCatalog } from '../../catalog/metrics.ts'
import { ref } from '../../catalog/ref.ts'
import { columnNamesSchema } from './column-names.schema.ts'

/** Columns by name; two groups for a loss that compares two inputs. */
export type FeatureColumns = string[] | { a: string[]; b: string[] }

/** The data of a job: a stored dataset, or a synthetic spec that becomes one. */
export type DatasetChoice = { id: string; features?: FeatureColumns; labels?: string[] } | { synthetic: SyntheticSpec }

export const datasetReferenceSchema = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 64, description: '`ds_…`' }) },
  { $id: 'DatasetReference', additionalProperties: false, description: 'A stored dataset, by its id.' },
)

const names = ref(columnNamesSchema)

export const columnGroupsSchema = Type.Object(
  { a: names, b: names },
  { $id: 'ColumnGroups', additionalProperties: false, description: 'Feature columns of both inputs of a loss that compares two.' },
)

export const storedDatasetSchema = Type.Unsafe<Exclude<DatasetChoice, { synthetic: SyntheticSpec }>>({
  $id: 'StoredDataset',
  type: 'object',
  description: 'A dataset of the service.',
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 64, description: '`ds_…`' },
    features: {
      description: 'Feature columns, if the upload did not say; two groups, `{a, b}`, for a loss with two inputs.',
      if: { type: 'array' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: names,
      else: ref(columnGroupsSchema),
    },
    labels: ref(columnNamesSchema, { description: 'Label columns, if the upload did not say.' }),
  },
  required: ['id'],
  additionalProperties: false,
})

export const syntheticDatasetSchema = Type.Object(
  { synthetic: ref(generatorFamily.union) },
  { $id: 'SyntheticDataset', additionalProperties: false, description: 'Data that the service generates.' },
)

export const datasetChoiceSchema = Type.Unsafe<DatasetChoice>({
  $id: 'DatasetChoice',
  type: 'object',
  description: 'A stored dataset by `id`, or data that the service generates: `{synthetic}`.',
  if: { type: 'object', required: ['synthetic'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: ref(syntheticDatasetSchema),
  else: ref(storedDatasetSchema),
})

/** Either limit, never both. */
export type GradientClipping = { norm: number } | { value: number }

const clippingLimits = {
  norm: Type.Number({ exclusiveMinimum: 0, maximum: 1e12, description: 'Largest Euclidean norm of all gradients together.' }),
  value: Type.Number({ exclusiveMinimum: 0, maximum: 1e12, description: 'Largest size of a single value.' }),
}

export const clipByNormSchema = Type.Object(
  { norm: clippingLimits.norm },
  { $id: 'ClipByNorm', additionalProperties: false, description: 'All gradients are scaled together.' },
)
export const clipByValueSchema = Type.Object(
  { value: clippingLimits.value },
  { $id: 'ClipByValue', additionalProperties: false, description: 'Each value is cut off by itself.' },
)
export const clippingSchema = Type.Unsafe<GradientClipping>({
  $id: 'GradientClipping',
  type: 'object',
  properties: clippingLimits,
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  published: { oneOf: [ref(clipByNormSchema), ref(clipByValueSchema)] },
  description: 'Limits gradients before the update: `{norm}` or `{value}`.',
})

/** Penalties on the size of the parameters. */
export const regularizationSchema = objectWithDefaults(
  {
    l1: Type.Number({ minimum: 0, maximum: 1e6, description: 'Penalty: this times the sum of the absolute values of the parameters.' }),
    biases: Type.Boolean({ default: true, description: 'Whether biases, and the shifts of normalizations, count too.' }),
  },
  {
    $id: 'Regularization',
    description:
      "Added to what is minimized, so its gradient, l1 · sign(w), is part of `gradients` and is clipped with them; the losses that are told do not contain it. For an L2 penalty see the optimizer's weightDecay.",
  },
)

export const metricSchema = Type.Unsafe<MetricType>({
  $id: 'Metric',
  type: 'string',
  enum: Object.keys(metricCatalog),
  description: 'What can be measured of a model besides its loss.',
})

export const metricsSchema = Type.Array(ref(metricSchema), {
  uniqueItems: true,
  description: 'What is measured after each epoch besides the loss, over the training rows and over those held back.',
})

/** Weights in place of those of the initializers: those of another job, or a trainer's checkpoint. */
export type WarmStart = { jobId: string; epoch?: number } | { trainerId: string; checkpoint: string }

const ofJob = {
  jobId: Type.String({ minLength: 1, maxLength: 64, description: '`job_…`, with the same model.' }),
  epoch: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Which of its kept weights; left out, the last.' })),
}
const ofTrainer = {
  trainerId: Type.String({ minLength: 1, maxLength: 64, description: '`trn_…`, with the same model.' }),
  checkpoint: Type.String({ minLength: 1, maxLength: 64, description: 'The name that it was saved under.' }),
}

const fromJobSchema = Type.Object(ofJob, {
  $id: 'FromJob',
  additionalProperties: false,
  description: 'The weights that a job left.',
})
const fromTrainerSchema = Type.Object(ofTrainer, {
  $id: 'FromTrainer',
  additionalProperties: false,
  description: 'What a trainer saved.',
})
export const warmStartSchema = Type.Unsafe<WarmStart>({
  $id: 'WarmStart',
  type: 'object',
  properties: { ...ofJob, ...ofTrainer },
  additionalProperties: false,
  if: { required: ['trainerId'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['checkpoint'], properties: { jobId: false, epoch: false } },
  else: { required: ['jobId'], properties: { checkpoint: false } },
  published: { oneOf: [ref(fromJobSchema), ref(fromTrainerSchema)] },
  description: 'Starts from the weights that another job left, or that a trainer saved; its optimizer starts afresh.',
})

export const warmStartSchemas = [fromJobSchema, fromTrainerSchema, warmStartSchema]

/** When to stop before all epochs are run. */
export const earlyStoppingSchema = objectWithDefaults(
  {
    monitor: Type.Optional(
      Type.Unsafe<'loss' | 'validationLoss'>({
        type: 'string',
        enum: ['loss', 'validationLoss'],
        description: 'What is watched; left out, the validation loss if rows are held back, else the loss.',
      }),
    ),
    patience: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
      description: 'Epochs in a row without an improvement after which training stops.',
    }),
    minDelta: Type.Number({
      minimum: 0,
      maximum: 1e12,
      default: 0,
      description: 'How much smaller a loss must be to count as an improvement.',
    }),
    restoreBest: Type.Boolean({
      default: true,
      description: "Whether the job ends with the weights of its best epoch instead of the last one's.",
    }),
  },
  { $id: 'EarlyStopping', description: 'Stops once the loss has not improved for `patience` epochs in a row.' },
)

const weightsRuleSchema = Type.Unsafe<'everyEpoch' | 'best' | 'last'>({
  $id: 'WeightsRule',
  type: 'string',
  enum: ['everyEpoch', 'best', 'last'],
  description:
    'everyEpoch: of all epochs. best: of the epoch with the smallest loss, by the rule of earlyStopping: the validation loss if rows are held back. last: of none besides the last.',
})

const everyNthSchema = Type.Object(
  { every: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Of each epoch whose number this divides.' }) },
  { $id: 'WeightsEvery', additionalProperties: false, description: 'Weights of every so many epochs.' },
)

/** Schemas that the options of recording refer to. */
export const recordingSchemas = [weightsRuleSchema, everyNthSchema]

export const recordOptions = {
  gradients: Type.Unsafe<'full' | 'norm' | 'none'>({
    type: 'string',
    enum: ['full', 'norm', 'none'],
    default: 'full',
    description: "What is kept of each epoch's gradients: values and norms, norms alone, or nothing but the norm of all together.",
  }),
  weights: Type.Unsafe<Static<typeof weightsRuleSchema> | Static<typeof everyNthSchema>>({
    default: 'last',
    description:
      'Of which epochs the weights are kept: `everyEpoch`, `best`, `last`, or of every N-th as `{"every": N}`; those of the last always are.',
    if: { type: 'object' },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: ref(everyNthSchema),
    else: ref(weightsRuleSchema),
  }),
}

export const recordSchema = objectWithDefaults(recordOptions, {
  $id: 'Recording',
  description: 'What is kept of each epoch besides its losses.',
})
