/** The operations of a trainer: what a client tells it to do, one after the other. */
import { type Static, type TProperties, Type } from 'typebox'
import { type ConfigOfAny, type Definition, objectWithDefaults, schemaFamily } from '../catalog/definition.ts'
import { ref } from '../catalog/ref.ts'
import { metricsSchema } from './job-config/parts.schema.ts'
import { jsonNumber, largestFloat32 } from './numbers.ts'
import { shapeSchema } from './tensors.schema.ts'

/** What one request may ask of a trainer. */
export const trainerLimits = {
  /** Operations of a request, those of a `repeat` counted once. */
  operations: 1000,
  /** Rounds of a `repeat`. */
  times: 100_000,
  /** Operations that a request comes to with all rounds of its repeats. */
  executed: 1_000_000,
  /** Numbers that all answers of a request may have together. */
  answered: 262_144,
  /** Bytes of a request. */
  requestBytes: 8 * 2 ** 20,
  /** Numbers of parameters, optimizer slots, running statistics and gradients together. */
  state: 16 * 2 ** 20,
  /** Forward passes since the last update that `backward` may go back through, and the numbers of their given rows. */
  passes: 64,
  passValues: 2 ** 20,
  /** Saved checkpoints of a trainer. */
  checkpoints: 100,
  /** Trainers of a tenant that are not closed. */
  live: 1000,
  /** Answers that are kept besides those that a restart needs. */
  keptAnswers: 1000,
}

const finite = () => Type.Number({ minimum: -largestFloat32, maximum: largestFloat32 })
const table = (description: string) =>
  Type.Optional(
    Type.Array(Type.Array(finite(), { minItems: 1, maxItems: 1_000_000 }), { minItems: 1, maxItems: 100_000, description }),
  )
const names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 2000, uniqueItems: true, description }))
const reduce = Type.Unsafe<'full' | 'norm'>({
  type: 'string',
  enum: ['full', 'norm'],
  default: 'full',
  description: '`norm` leaves the values out.',
})
const version = (description: string) => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })

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
        Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Epoch whose order the rows are in, from 1. Without `index`: its first batch.' }),
      ),
      index: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'Which mini-batch of the epoch, from 0. Left out with `epoch`: the one after the last.' }),
      ),
      rows: Type.Optional(
        Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 31 }), { minItems: 1, maxItems: 100_000, description: 'Rows of the dataset, from 0.' }),
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
    learningRate: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1e6, description: "In place of the optimizer's, for this step." }),
    ),
    names: names('Parameters that are updated; the others are frozen. All unless given.'),
  }),
  update: define('update', "Adds to parameters: the update of the client's own optimizer.", {
    deltas: tensors('What is added to each parameter.'),
  }),
  assign: define('assign', 'Sets parameters.', { values: tensors('New values of parameters.') }),
  evaluate: define('evaluate', 'The loss over all rows of the dataset in evaluation mode, and metrics.', {
    metrics: Type.Unsafe<Static<typeof metricsSchema>>({ ...metricsSchema, default: [], description: 'What is measured besides the loss.' }),
  }),
}

/** What a request may hold besides. */
const single = {
  backward: define(
    'backward',
    'Carries the gradient of a loss of your own, by the outputs of a forward in training mode, back through the model; adds to the gradients.',
    {
      outputGradients: ref(OutputGradientsSchema, { description: "Gradient of the loss by each output: shape and values as the forward's `outputs`." }),
      ifVersion: version('The `version` that the forward told: 409 if there was an update since.'),
      pass: Type.Optional(
        Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Which forward since the update; the last unless given.' }),
      ),
    },
  ),
  save: define('save', 'Keeps parameters, optimizer slots and running statistics under a name, in place of what had it.', {
    name: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', description: 'Letters, digits, dot, dash and underscore.' }),
  }),
  load: define('load', 'Goes back to what was saved; gradients are forgotten.', {
    name: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', description: 'A saved name.' }),
  }),
}

export type RepeatableOperation = ConfigOfAny<typeof repeatable>

const repeatableFamily = schemaFamily('RepeatableOperation', repeatable, { description: 'An operation that a `repeat` may hold.' })

const repeat = define('repeat', 'Repeats operations on the server; the answer has the results of the last round.', {
  times: Type.Integer({ minimum: 1, maximum: trainerLimits.times, description: 'How often.' }),
  operations: Type.Array(ref(repeatableFamily.union), {
    minItems: 1,
    maxItems: 100,
    description: 'What each round does; a `batch` of a `size` alone takes the next one.',
  }),
})

const operationCatalog = { ...repeatable, ...single, repeat }
export type TrainerOperation = ConfigOfAny<typeof operationCatalog>
export type OperationOf<Name extends TrainerOperation['type']> = Extract<TrainerOperation, { type: Name }>

export const operationFamily = schemaFamily('TrainerOperation', operationCatalog, { description: 'What a trainer is told to do.' })

export const PerformSchema = objectWithDefaults(
  {
    seq: Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Number of the request, from 1 without gaps. The same number with the same body gets the first answer again.',
    }),
    operations: Type.Array(ref(operationFamily.union), {
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
    ],
  },
)
export type PerformRequest = Static<typeof PerformSchema>

const resultTensor = Type.Object(
  {
    name: Type.String({ description: '`layers.{index}.{weight|bias}`' }),
    shape: shapeSchema,
    values: Type.Optional(Type.Array(jsonNumber(), { description: 'Flat values, row-major; absent with `reduce: "norm"`.' })),
    norm: jsonNumber('Euclidean norm of the values.'),
  },
  { $id: 'TrainerTensorResult', description: 'A parameter, or its gradient.' },
)
export const TrainerTensorResultSchema = resultTensor

const plainTensor = Type.Object(
  { shape: shapeSchema, values: Type.Array(jsonNumber(), { description: 'Flat values, row-major.' }) },
  { $id: 'OutputTensor', description: 'Numbers of a model.' },
)
export const OutputTensorSchema = plainTensor

export const OperationResultSchema = Type.Object(
  {
    type: Type.String({ description: 'The type of the operation.' }),
    rows: Type.Optional(Type.Integer({ description: 'Of `batch`: how many examples.' })),
    epoch: Type.Optional(Type.Integer({ description: 'Of a `batch` of the dataset by size: its epoch, from 1.' })),
    index: Type.Optional(Type.Integer({ description: 'And its number in there, from 0.' })),
    outputs: Type.Optional(ref(plainTensor, { description: 'Of `forward`.' })),
    pass: Type.Optional(Type.Integer({ description: 'Of a pass in training mode: its number since the last update, from 1.' })),
    version: Type.Optional(Type.Integer({ description: 'Of operations that read or change parameters: the version after it.' })),
    loss: Type.Optional(jsonNumber('Of `forwardBackward` and `evaluate`.')),
    losses: Type.Optional(ref(plainTensor, { description: 'Of `forwardBackward` with `perExample`: the terms of the loss.' })),
    metrics: Type.Optional(Type.Record(Type.String(), jsonNumber(), { description: 'Of `evaluate`.' })),
    gradients: Type.Optional(Type.Array(ref(resultTensor), { description: 'Of `gradients`.' })),
    parameters: Type.Optional(Type.Array(ref(resultTensor), { description: 'Of `parameters`.' })),
    norm: Type.Optional(jsonNumber('Of `clip`: the norm of all gradients together before it.')),
    gradientNorm: Type.Optional(jsonNumber('Of `step`: the norm of the gradients that it went by.')),
    updateNorm: Type.Optional(jsonNumber('Of `step`, `update`, `assign` and `load`: the norm of what changed.')),
    name: Type.Optional(Type.String({ description: 'Of `save` and `load`.' })),
    times: Type.Optional(Type.Integer({ description: 'Of `repeat`.' })),
    meanLoss: Type.Optional(jsonNumber('Of `repeat` with `forwardBackward`: mean of all its losses.')),
    results: Type.Optional(Type.Array(Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }), {
      description: 'Of `repeat`: the results of the last round.',
    })),
  },
  { $id: 'OperationResult', description: 'What an operation gave; which fields there are depends on its type.' },
)

export const PerformedSchema = Type.Object(
  {
    seq: Type.Integer({ description: 'Number of the request.' }),
    version: Type.Integer({ description: 'Updates of the parameters so far.' }),
    results: Type.Array(ref(OperationResultSchema), { description: 'One for each operation, in order.' }),
  },
  {
    $id: 'PerformedOperations',
    description: 'What the operations of a request gave.',
    examples: [
      {
        seq: 1,
        version: 1,
        results: [
          { type: 'batch', rows: 10, epoch: 1, index: 0 },
          { type: 'zeroGradients' },
          { type: 'forwardBackward', loss: 0.81, pass: 1, version: 0 },
          { type: 'gradients', gradients: [{ name: 'layers.0.weight', shape: [2, 1], norm: 0.74 }], version: 0 },
          { type: 'step', version: 1, gradientNorm: 0.9, updateNorm: 0.027 },
        ],
      },
    ],
  },
)

export const operationSchemas = [
  TrainerTensorSchema,
  OutputGradientsSchema,
  ...repeatableFamily.schemas,
  ...operationFamily.schemas,
  PerformSchema,
  TrainerTensorResultSchema,
  OutputTensorSchema,
  OperationResultSchema,
  PerformedSchema,
]
