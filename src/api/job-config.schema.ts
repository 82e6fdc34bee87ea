/**
 * The job config: what `POST /v1/jobs` takes, assembled from the catalog. Validation fills in the defaults of what is
 * given, and the service chooses what a request left out, the seed included, so that a stored config says all that its
 * results depend on.
 */
import { type Static, type TProperties, Type } from 'typebox'
import { defaultsOf, objectWithDefaults } from '../catalog/definition.ts'
import { lossFamily } from '../catalog/losses/all-losses.ts'
import type { MetricType } from '../catalog/metrics.ts'
import { type OptimizerConfig, optimizerCatalog, optimizerFamily } from '../catalog/optimizers/all-optimizers.ts'
import { ref } from '../catalog/ref.ts'
import { scheduleFamily } from '../catalog/schedules.ts'
import { solverFamily } from '../catalog/solvers.ts'
import { modelSchema } from './job-config/model.schema.ts'
import {
  clippingSchema,
  datasetChoiceSchema,
  earlyStoppingSchema,
  metricsSchema,
  recordOptions,
  recordSchema,
  regularizationSchema,
  warmStartSchema,
} from './job-config/parts.schema.ts'
import { preprocessingSchema } from './job-config/preprocessing.schema.ts'
import { thresholdsSchema } from './job-config/thresholds.schema.ts'
import { type Training, trainingOptions, trainingSchema } from './job-config/training.schema.ts'
import { trainingChoiceSchema } from './job-config/training-choice.schema.ts'
import { jobWebhookSchema } from './job-config/webhook.schema.ts'

export type { InitializerConfig } from '../catalog/initializers.ts'
export type { LayerConfig } from '../catalog/layers/all-layers.ts'
export type { LossConfig } from '../catalog/losses/all-losses.ts'
export type { OptimizerConfig } from '../catalog/optimizers/all-optimizers.ts'
export type { ScheduleConfig } from '../catalog/schedules.ts'

import { metadataSchema } from './metadata.schema.ts'

/** What a config that is solved instead of trained has in these places if its request left them out. */
export const solvedDefaults = {
  optimizer: { type: 'sgd', ...defaultsOf(optimizerCatalog.sgd) } as OptimizerConfig,
  training: { epochs: 1, ...defaultsOf({ options: trainingOptions }) } as Training,
}
/** What is recorded of a job whose config is whole. */
export const plainRecord = defaultsOf({ options: recordOptions }) as Static<typeof recordSchema>

/** What a request that is no whole config gets; docs/tables.md tells the rules in full. */
const whatIsChosen = [
  'Only `dataset` must be there. A config with a `model`, a `loss`, an `optimizer` and `training.epochs` is taken as it is.',
  'Of any other the service chooses what was left out, and `auto` in the answer names what it chose.',
  'Features: all columns but labels, text, numbers of rows and constants.',
  'Loss: mse on standardized labels for numbers, bceWithLogits for booleans and categories of two levels, crossEntropy for categories of more; whole numbers stay numbers.',
  'Model: two hidden dense layers with relu, of 64 and 32 units or 128 and 64 by the rows and inputs, and one with as many outputs as the loss wants.',
  'Optimizer: adamw. Training: at most 200 epochs of mini-batches of about a thirtieth of the rows, until 20 epochs in a row bring nothing to the fifth of the rows that is held back.',
  'Preprocessing: standardized numbers, one input per level of a category, missing cells filled with the median or the most frequent value and marked.',
  'With a `solver`: one linear layer and mse. The choice depends on the request and the table alone.',
].join(' ')

const chosenSchema = Type.Optional(
  Type.Array(Type.String({ maxLength: 1000 }), {
    maxItems: 1000,
    description:
      'JSON Pointers to what the service chose, since the request left it out. In a request it means nothing, so that a config can be sent again as it came back.',
  }),
)

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
  metrics: Type.Unsafe<MetricType[]>({ ...metricsSchema, default: [] }),
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
  webhook: Type.Optional(ref(jobWebhookSchema)),
  on: Type.Optional(thresholdsSchema),
  auto: chosenSchema,
} satisfies TProperties

/** Every field of a job config. */
export const jobConfigFields = { ...parts, solver: Type.Optional(ref(solverFamily.union)) } satisfies TProperties

/** Every field of a config whose parts are all there, as answers have it. */
export const WholeJobConfigSchema = objectWithDefaults(jobConfigFields, { $id: 'JobConfig' })

/** Every field as a request may give it: what it leaves out is chosen, unless its config is whole without it. */
const requestParts = {
  ...parts,
  model: Type.Optional(parts.model),
  loss: Type.Optional(parts.loss),
  optimizer: Type.Optional(parts.optimizer),
  training: Type.Optional(ref(trainingChoiceSchema)),
  metrics: Type.Optional(metricsSchema),
  record: Type.Optional(ref(recordSchema)),
} satisfies TProperties

/** What is validated says in one schema, by `if`, what clients read in two: a job that trains, and one that is solved. */
export const TrainingJobConfigSchema = objectWithDefaults(requestParts, {
  $id: 'TrainingJobConfig',
  description: 'What `POST /v1/jobs` takes of a job that trains.',
})
export const SolverJobConfigSchema = objectWithDefaults(
  { ...requestParts, solver: ref(solverFamily.union) },
  { $id: 'SolverJobConfig', description: 'What `POST /v1/jobs` takes of a job whose weights are solved for instead of trained.' },
)

/** The config of a job that is solved, and one that says all that matters: what else they leave out has its plain default. */
const isSolved = { type: 'object', required: ['solver'] }
const saysAll = {
  type: 'object',
  required: ['model', 'loss', 'optimizer', 'training'],
  properties: { training: { type: 'object', required: ['epochs'] } },
}

/** The config as a request may give it. */
export const JobConfigSchema = objectWithDefaults(
  { ...requestParts, solver: jobConfigFields.solver },
  {
    $id: 'JobConfig',
    allOf: [
      {
        if: isSolved,
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { properties: { optimizer: { default: solvedDefaults.optimizer }, training: { default: solvedDefaults.training } } },
      },
      {
        if: { anyOf: [isSolved, saysAll] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { properties: { metrics: { default: [] }, record: { default: plainRecord } } },
      },
    ],
    published: { oneOf: [ref(TrainingJobConfigSchema), ref(SolverJobConfigSchema)] },
    description: `What \`POST /v1/jobs\` takes. ${whatIsChosen}`,
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
        on: [{ metric: 'loss', below: 0.001 }],
        metadata: { notebook: 'linear-regression-concise' },
      },
      { dataset: { synthetic: { kind: 'moons', examples: 1000, noiseStd: 0.1, seed: 1 } } },
    ],
  },
)

/** A validated request: the defaults of what it gives are filled in. */
export type JobRequest = Static<typeof JobConfigSchema>

/** A config all of whose parts were given or chosen, but the seed. */
export type JobConfigRequest = Static<typeof WholeJobConfigSchema>

/** The config of a stored job: it has a seed. */
export type JobConfig = JobConfigRequest & { training: { seed: number } }
