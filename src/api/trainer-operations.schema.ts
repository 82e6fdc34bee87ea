/** The operations of a trainer: what a client tells it to do, one after the other. */
import { type Static, type TProperties, Type } from 'typebox'
import { type ConfigOfAny, type Definition, objectWithDefaults, schemaFamily } from '../catalog/definition.ts'
import { lossFamily } from '../catalog/losses/all-losses.ts'
import { ref } from '../catalog/ref.ts'
import { datasetChoiceSchema, metricsSchema } from './job-config/parts.schema.ts'
import { largestFloat32 } from './numbers.ts'
import { trainerLimits } from './trainer-limits.ts'

const finite = () => Type.Number({ minimum: -largestFloat32, maximum: largestFloat32 })
const table = (description: string) =>
  Type.Optional(Type.Array(Type.Array(finite(), { minItems: 1, maxItems: 1_000_000 }), { minItems: 1, maxItems: 100_000, description }))
const names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 2000, uniqueItems: true, description }))
const reduce = Type.Unsafe<'full' | 'norm'>({
  type: 'string',
  enum: ['full', 'norm'],
  default: 'full',
  description: '`norm` leaves the values out.',
})
const version = (description: string) => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })

const savedName = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', title: '1 to 64 letters, digits, dots, dashes and underscores', description })

/** Values of some parameters in a request. */
export const TrainerTensorSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, description: '`layers.{index}.{weight|bias}`' }),
    shape: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 8, description: 'Checked if it is given.' })),
    values: Type.Array(finite(), { description: 'Flat values, row-major.' }),
  },
  { $id: 'TrainerTensor', additionalProperties: false, description: 'Values of one parameter.' },
)
const tensors = (description: string) => Type.Array(ref(TrainerTensorSchema), { minItems: 1, maxItems: 2000, description })

export const OutputGradientsSchema = Type.Object(
  {
    shape: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 8, description: 'Sizes of the axes.' }),
    values: Type.Array(finite(), { description: 'Flat values, row-major.' }),
  },
  { $id: 'OutputGradients', additionalProperties: false, description: 'Gradient of a loss by the outputs of a model.' },
)

const define = <Name extends string, Options extends TProperties>(type: Name, summary: string, options: Options) =>
  ({ type, summary, options }) satisfies Definition<Options> & { type: Name }

/** What a `repeat` may hold. */
const repeatable = {
  batch: define(
    'batch',
    'Names the examples that the operations after it use: of the dataset by `size`, `epoch` and `index`, or by `rows`, or given as `features` and `labels`.',
    {
      size: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000, description: 'Rows of a mini-batch, as `batchSize` of a job.' })),
      epoch: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1_000_000,
          description: 'Epoch whose order the rows are in, from 1. Without `index`: its first batch.',
        }),
      ),
      index: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 10_000_000,
          description: 'Which mini-batch of the epoch, from 0. Left out with `epoch`: the one after the last.',
        }),
      ),
      rows: Type.Optional(
        Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 31 }), {
          minItems: 1,
          maxItems: 100_000,
          description: 'Rows of the dataset, from 0.',
        }),
      ),
      features: table('One flat list of inputs for each example.'),
      labels: table('One flat list of labels for each example.'),
    },
  ),
  forward: define('forward', 'Gives the outputs of the model for the batch.', {
    mode: Type.Unsafe<'training' | 'evaluation'>({
      type: 'string',
      enum: ['training', 'evaluation'],
      default: 'training',
      description: 'In training, dropout drops, batch statistics are used and running ones updated.',
    }),
  }),
  forwardBackward: define('forwardBackward', 'The loss of the batch; its gradients are added to those that are there.', {
    loss: Type.Optional(ref(lossFamily.union, { description: "Another loss than the trainer's, for this time." })),
    perExample: Type.Boolean({ default: false, description: 'Whether the answer has the terms of the loss before they are reduced.' }),
  }),
  zeroGradients: define('zeroGradients', 'Forgets the gradients. Until then they add up, as in PyTorch.', {}),
  gradients: define('gradients', 'Gives the gradients.', { names: names('Which; all unless given.'), reduce }),
  parameters: define('parameters', 'Gives the parameters.', { names: names('Which; all unless given.'), reduce }),
  clip: define('clip', 'Limits the gradients: by their common norm, or each value. Give one of both.', {
    norm: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e12, description: 'Largest Euclidean norm of all together.' })),
    value: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e12, description: 'Largest size of a value.' })),
  }),
  step: define('step', "The optimizer's update by the gradients, which stay.", {
    learningRate: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, description: "In place of the optimizer's, for this step." })),
    names: names('Parameters that are updated; the others are frozen. All unless given.'),
  }),
  update: define('update', "Adds to parameters: the update of the client's own optimizer.", {
    deltas: tensors('What is added to each parameter.'),
  }),
  assign: define('assign', 'Sets parameters.', { values: tensors('New values of parameters.') }),
  evaluate: define('evaluate', 'The loss over all rows of a dataset in evaluation mode, and metrics.', {
    dataset: Type.Optional(
      ref(datasetChoiceSchema, {
        description:
          "Another dataset than the trainer's own, of any size. Its columns are found by the names of those that are trained on; for a trainer without a dataset by their roles, or by `features` and `labels`.",
      }),
    ),
    metrics: Type.Unsafe<Static<typeof metricsSchema>>({
      ...metricsSchema,
      default: [],
      description: 'What is measured besides the loss.',
    }),
  }),
}

/** What a request may hold besides. */
const single = {
  backward: define(
    'backward',
    'Carries the gradient of a loss of your own, by the outputs of a forward in training mode, back through the model; adds to the gradients.',
    {
      outputGradients: ref(OutputGradientsSchema, {
        description: "Gradient of the loss by each output: shape and values as the forward's `outputs`.",
      }),
      ifVersion: version('The `version` that the forward told: 409 if there was an update since.'),
      pass: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: Number.MAX_SAFE_INTEGER,
          description: 'Which forward since the update; the last unless given.',
        }),
      ),
    },
  ),
  save: define('save', 'Keeps parameters, optimizer slots and running statistics under a name, in place of what had it.', {
    name: savedName('Letters, digits, dot, dash and underscore.'),
  }),
  load: define('load', 'Goes back to what was saved; gradients are forgotten.', {
    name: savedName('A saved name.'),
  }),
}

export type RepeatableOperation = ConfigOfAny<typeof repeatable>

const members = schemaFamily('TrainerOperation', { ...repeatable, ...single }, { description: '' }).schemas.slice(0, -1)

/** Operations that are told apart by their type. */
const oneOf = <Operation>($id: string, types: readonly string[], description: string) =>
  Type.Unsafe<Operation>({
    $id,
    type: 'object',
    required: ['type'],
    discriminator: { propertyName: 'type' },
    oneOf: types.map((type) => ({ $ref: `TrainerOperation${type.charAt(0).toUpperCase()}${type.slice(1)}#` })),
    description,
  })

const repeatableOperation = oneOf<RepeatableOperation>(
  'RepeatableOperation',
  Object.keys(repeatable),
  'An operation that a `repeat` may hold.',
)

const repeatOptions = {
  type: Type.Literal('repeat'),
  times: Type.Integer({ minimum: 1, maximum: trainerLimits.times, description: 'How often.' }),
  operations: Type.Array(ref(repeatableOperation), {
    minItems: 1,
    maxItems: 100,
    description: 'What each round does; a `batch` of a `size` alone takes the next one.',
  }),
}
const repeat = objectWithDefaults(repeatOptions, {
  $id: 'TrainerOperationRepeat',
  description: 'Repeats operations on the server; the answer has the results of the last round.',
})

export type TrainerOperation = ConfigOfAny<typeof repeatable & typeof single> | Static<typeof repeat>
export type OperationOf<Name extends TrainerOperation['type']> = Extract<TrainerOperation, { type: Name }>

const trainerOperation = oneOf<TrainerOperation>(
  'TrainerOperation',
  [...Object.keys(repeatable), ...Object.keys(single), 'repeat'],
  'What a trainer is told to do.',
)

export const PerformSchema = objectWithDefaults(
  {
    seq: Type.Integer({
      minimum: 1,
      maximum: 2 ** 31 - 1,
      description: 'Number of the request, from 1 without gaps. The same number with the same body gets the first answer again.',
    }),
    operations: Type.Array(ref(trainerOperation), {
      minItems: 1,
      maxItems: trainerLimits.operations,
      description: 'What is done, in order: all of it or nothing.',
    }),
  },
  {
    $id: 'PerformOperations',
    description: 'Operations of one request.',
    examples: [
      {
        seq: 1,
        operations: [
          { type: 'batch', size: 10, epoch: 1, index: 0 },
          { type: 'zeroGradients' },
          { type: 'forwardBackward' },
          { type: 'gradients', reduce: 'norm' },
          { type: 'step' },
        ],
      },
      {
        seq: 1,
        operations: [
          {
            type: 'evaluate',
            dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 200, noiseStd: 0.01, seed: 2 } },
          },
        ],
      },
    ],
  },
)
export type PerformRequest = Static<typeof PerformSchema>

export const operationSchemas = [
  TrainerTensorSchema,
  OutputGradientsSchema,
  ...members,
  repeatableOperation,
  repeat,
  trainerOperation,
  PerformSchema,
]
