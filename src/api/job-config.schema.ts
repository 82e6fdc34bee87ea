/**
 * The job config: what `POST /v1/jobs` takes, assembled from the catalog. Validation fills in every default, and the
 * service adds the seed that a request left out, so that a stored config says all that its results depend on.
 */
import { type Static, type TProperties, Type } from 'typebox'
import { defaultsOf, objectWithDefaults } from '../catalog/definition.ts'
import { lossFamily } from '../catalog/losses/all-losses.ts'
import { optimizerCatalog, optimizerFamily } from '../catalog/optimizers/all-optimizers.ts'
import { ref } from '../catalog/ref.ts'
import { scheduleFamily } from '../catalog/schedules.ts'
import { solverFamily } from '../catalog/solvers.ts'
import { modelSchema } from './job-config/model.schema.ts'
import {
  clippingSchema,
  datasetChoiceSchema,
  earlyStoppingSchema,
  metricsSchema,
  preprocessingSchema,
  recordSchema,
  regularizationSchema,
  trainingOptions,
  trainingSchema,
  warmStartSchema,
} from './job-config/parts.schema.ts'

export type { InitializerConfig } from '../catalog/initializers.ts'
export type { LayerConfig } from '../catalog/layers/all-layers.ts'
export type { LossConfig } from '../catalog/losses/all-losses.ts'
export type { OptimizerConfig } from '../catalog/optimizers/all-optimizers.ts'
export type { ScheduleConfig } from '../catalog/schedules.ts'

import { metadataSchema } from './metadata.schema.ts'

/** What a config that is solved instead of trained has in these places if its request left them out. */
const unusedOptimizer = { type: 'sgd', ...defaultsOf(optimizerCatalog.sgd) }
const unusedTraining = { epochs: 1, ...defaultsOf({ type: 'training', summary: '', options: trainingOptions }) }

const parts = {
  dataset: ref(datasetChoiceSchema),
  preprocessing: Type.Optional(ref(preprocessingSchema)),
  model: ref(modelSchema),
  loss: ref(lossFamily.union),
  optimizer: ref(optimizerFamily.union),
  schedule: Type.Optional(ref(scheduleFamily.union)),
  gradientClipping: Type.Optional(ref(clippingSchema)),
  regularization: Type.Optional(ref(regularizationSchema)),
  training: ref(trainingSchema),
  warmStart: Type.Optional(ref(warmStartSchema)),
  earlyStopping: Type.Optional(ref(earlyStoppingSchema)),
  metrics: metricsSchema,
  record: ref(recordSchema, { default: {} }),
  metadata: ref(metadataSchema, { default: {} }),
  priority: Type.Integer({ minimum: -1000, maximum: 1000, default: 0, description: 'Higher runs first.' }),
  timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800, description: 'Training time after which the job fails.' })),
  device: Type.Unsafe<'any' | 'cpu' | 'gpu'>({
    type: 'string',
    enum: ['any', 'cpu', 'gpu'],
    default: 'any',
    description: 'What it may run on; `gpu` waits for a worker that has one.',
  }),
} satisfies TProperties

/** Every field of a job config. */
export const jobConfigFields = { ...parts, solver: Type.Optional(ref(solverFamily.union)) } satisfies TProperties

/** What is validated says in one schema, by `if`, what clients read in two: a job that trains, and one that is solved. */
export const TrainingJobConfigSchema = objectWithDefaults(parts, {
  $id: 'TrainingJobConfig',
  description: 'What `POST /v1/jobs` takes of a job that trains.',
})
export const SolverJobConfigSchema = objectWithDefaults(
  { ...parts, optimizer: Type.Optional(parts.optimizer), training: Type.Optional(parts.training), solver: ref(solverFamily.union) },
  { $id: 'SolverJobConfig', description: 'What `POST /v1/jobs` takes of a job whose weights are solved for instead of trained.' },
)

/** The config as a request may give it. */
export const JobConfigSchema = objectWithDefaults(jobConfigFields, {
  $id: 'JobConfig',
  required: ['dataset', 'model', 'loss'],
  if: { type: 'object', required: ['solver'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: { optimizer: { default: unusedOptimizer }, training: { default: unusedTraining } } },
  else: { required: ['optimizer', 'training'] },
  published: { oneOf: [ref(TrainingJobConfigSchema), ref(SolverJobConfigSchema)] },
  description: 'What `POST /v1/jobs` takes. Of a job with a `solver`, `optimizer` and `training` may be left out.',
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
})

/** A validated request: every default filled in, but the seed. */
export type JobConfigRequest = Static<typeof JobConfigSchema>

/** The config of a stored job: it has a seed. */
export type JobConfig = JobConfigRequest & { training: { seed: number } }
