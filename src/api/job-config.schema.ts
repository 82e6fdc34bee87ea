/**
 * The job config: what `POST /v1/jobs` takes, assembled from the catalog. Validation fills in every default, and the
 * service adds the seed that a request left out, so that a stored config says all that its results depend on.
 */
import { type Static, Type } from 'typebox'
import { defaultsOf, objectWithDefaults } from '../catalog/definition.ts'
import { optimizerCatalog } from '../catalog/optimizers/all-optimizers.ts'
import { modelSchema } from './job-config/model.schema.ts'
import {
  clippingSchema,
  datasetChoiceSchema,
  earlyStoppingSchema,
  lossSchema,
  metricsSchema,
  optimizerSchema,
  preprocessingSchema,
  recordSchema,
  regularizationSchema,
  scheduleSchema,
  solverSchema,
  trainingOptions,
  trainingSchema,
  warmStartSchema,
} from './job-config/parts.schema.ts'

export type { InitializerConfig } from '../catalog/initializers.ts'
export type { LayerConfig } from '../catalog/layers/all-layers.ts'
export type { LossConfig } from '../catalog/losses/all-losses.ts'
export type { OptimizerConfig } from '../catalog/optimizers/all-optimizers.ts'
export type { ScheduleConfig } from '../catalog/schedules.ts'

/** Keys and values that a client files its job under; lists can be filtered by them. */
export const metadataSchema = Type.Unsafe<Record<string, string | number>>({
  type: 'object',
  maxProperties: 16,
  propertyNames: { type: 'string', minLength: 1, maxLength: 64 },
  additionalProperties: { type: ['string', 'number'], maxLength: 512 },
  default: {},
  description: 'Up to 16 pairs of your own; values are strings or numbers.',
})

/** What a config that is solved instead of trained has in these places, where its request left them out. */
const unusedOptimizer = { type: 'sgd', ...defaultsOf(optimizerCatalog.sgd) }
const unusedTraining = { epochs: 1, ...defaultsOf({ type: 'training', summary: '', options: trainingOptions }) }

/** The config as a request may give it. */
export const JobConfigSchema = objectWithDefaults(
  {
    dataset: datasetChoiceSchema,
    preprocessing: Type.Optional(preprocessingSchema),
    model: modelSchema,
    loss: lossSchema,
    optimizer: optimizerSchema,
    schedule: Type.Optional(scheduleSchema),
    gradientClipping: Type.Optional(clippingSchema),
    regularization: Type.Optional(regularizationSchema),
    training: trainingSchema,
    warmStart: Type.Optional(warmStartSchema),
    solver: Type.Optional(solverSchema),
    earlyStopping: Type.Optional(earlyStoppingSchema),
    metrics: metricsSchema,
    record: recordSchema,
    metadata: metadataSchema,
    priority: Type.Integer({ minimum: -1000, maximum: 1000, default: 0, description: 'Higher runs first.' }),
    timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800, description: 'Training time after which the job fails.' })),
    device: Type.Unsafe<'any' | 'cpu' | 'gpu'>({
      type: 'string',
      enum: ['any', 'cpu', 'gpu'],
      default: 'any',
      description: 'Where it may run; `gpu` waits for a worker that has one.',
    }),
  },
  {
    $id: 'JobConfig',
    required: ['dataset', 'model', 'loss'],
    if: { type: 'object', required: ['solver'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { optimizer: { default: unusedOptimizer }, training: { default: unusedTraining } } },
    else: { required: ['optimizer', 'training'] },
    title: 'JobConfig',
    examples: [
      {
        dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
        model: {
          layers: [
            { type: 'dense', units: 1, weightInitializer: { type: 'normal', mean: 0, std: 0.01 }, biasInitializer: { type: 'zeros' } },
          ],
        },
        loss: { type: 'mse', reduction: 'mean' },
        optimizer: { type: 'sgd', learningRate: 0.03 },
        training: { epochs: 3, batchSize: 10, shuffle: true, dropLast: false, seed: 42 },
        record: { gradients: 'full', weights: 'everyEpoch' },
        metadata: { notebook: 'linear-regression-concise' },
      },
    ],
  },
)

/** A validated request: every default filled in, but the seed. */
export type JobConfigRequest = Static<typeof JobConfigSchema>

/** The config of a stored job: it has a seed. */
export type JobConfig = JobConfigRequest & { training: { seed: number } }
