/** Trainers: training that a client drives by hand. */
import { type Static, Type } from 'typebox'
import { objectWithDefaults } from '../catalog/definition.ts'
import { lossFamily } from '../catalog/losses/all-losses.ts'
import { optimizerFamily } from '../catalog/optimizers/all-optimizers.ts'
import { ref } from '../catalog/ref.ts'
import { EngineSchema, ParameterShapeSchema } from './job.schema.ts'
import { modelSchema } from './job-config/model.schema.ts'
import { datasetChoiceSchema, datasetReferenceSchema, warmStartSchema } from './job-config/parts.schema.ts'
import { JobErrorSchema } from './job-result.schema.ts'
import { metadataSchema } from './metadata.schema.ts'
import { nullable } from './nullable.ts'
import { pageOf, pageQuery } from './page.schema.ts'
import { ParameterSchema } from './tensors.schema.ts'
import { operationSchemas } from './trainer-operations.schema.ts'
import { operationResultSchemas } from './trainer-results.schema.ts'

export const trainerStatuses = ['active', 'parked', 'closed'] as const
export type TrainerStatus = (typeof trainerStatuses)[number]

/** Numbers of an example, or of its label, that are sent at most. */
export const maxGivenValues = 250_000

const engines = ['eager', 'graph'] as const

const givenShape = (description: string, { minItems = 0 } = {}) =>
  Type.Array(Type.Integer({ minimum: 1, maximum: maxGivenValues }), { minItems, maxItems: 4, description })

export const CreateTrainerSchema = objectWithDefaults(
  {
    dataset: Type.Optional(ref(datasetChoiceSchema)),
    inputShape: Type.Optional(
      givenShape('In place of a dataset: shape of one example, all of which are sent with `batch {features, labels}`.', { minItems: 1 }),
    ),
    labelShape: Type.Optional(
      givenShape(
        'Shape of one label, with `inputShape`; left out, the usual one of the loss for the outputs of the model, [] for a class index.',
      ),
    ),
    model: ref(modelSchema),
    loss: ref(lossFamily.union, { default: { type: 'mse' } }),
    optimizer: ref(optimizerFamily.union, { default: { type: 'sgd', learningRate: 0.01 } }),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Seed of initial weights, order and dropout; left out, the service chooses one and echoes it.',
      }),
    ),
    shuffle: Type.Boolean({ default: true, description: 'Whether each epoch takes the rows in a new order.' }),
    dropLast: Type.Boolean({ default: false, description: 'Whether an epoch leaves out a last mini-batch that is not full.' }),
    engine: Type.Optional(
      Type.Unsafe<(typeof engines)[number]>({
        type: 'string',
        enum: [...engines],
        description:
          'What executes whole steps: operation by operation, or a compiled graph. Left out, a graph where the model can be compiled on native TensorFlow.',
      }),
    ),
    from: Type.Optional(
      ref(warmStartSchema, {
        description:
          'Starts from the weights that a job left, or from what a trainer saved: with the state of its optimizer, if that is of the same type.',
      }),
    ),
    idleSeconds: Type.Integer({
      minimum: 1,
      maximum: 3600,
      default: 60,
      description: 'Seconds without an operation after which it is parked: then it takes no memory, and the next operation wakes it.',
    }),
    metadata: ref(metadataSchema, { default: {} }),
  },
  {
    $id: 'CreateTrainer',
    description: 'A model with its loss and optimizer, to be trained operation by operation, on a dataset or on examples that are sent.',
    examples: [
      {
        dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
        model: { layers: [{ type: 'dense', units: 1 }] },
        loss: { type: 'mse' },
        optimizer: { type: 'sgd', learningRate: 0.03 },
        seed: 42,
      },
      {
        inputShape: [2],
        model: { layers: [{ type: 'dense', units: 1 }] },
        loss: { type: 'mse' },
        optimizer: { type: 'sgd', learningRate: 0.03 },
        seed: 42,
      },
    ],
  },
)
export type CreateTrainer = Static<typeof CreateTrainerSchema>

const example = {
  id: 'trn_01kaf3m5d9v0q8c1x2y3z4w5a6',
  status: 'active',
  version: 5,
  lastSeq: 7,
  parameters: [
    { name: 'layers.0.weight', shape: [2, 1] },
    { name: 'layers.0.bias', shape: [1] },
  ],
  dataset: { id: 'ds_01kaf3m5d9v0q8c1x2y3z4w5a6' },
  inputShape: null,
  labelShape: null,
  seed: 42,
  engine: { name: 'graph', backend: 'tensorflow', device: 'cpu', version: '2.21.0' },
  error: null,
  idleSeconds: 60,
  checkpoints: [],
  metadata: {},
  createdAt: '2026-11-26T10:00:00.000Z',
  usedAt: '2026-11-26T10:00:01.200Z',
}

export const TrainerCheckpointSchema = Type.Object(
  {
    name: Type.String({ description: 'What `load` names.' }),
    version: Type.Integer({ description: 'The version that was saved.' }),
    createdAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'TrainerCheckpoint', description: 'What a trainer saved.' },
)

export const TrainerCheckpointsSchema = Type.Object(
  { data: Type.Array(ref(TrainerCheckpointSchema), { description: 'By name.' }) },
  {
    $id: 'TrainerCheckpoints',
    description: 'What a trainer saved.',
    examples: [{ data: [{ name: 'best', version: 300, createdAt: '2026-11-26T10:00:01.200Z' }] }],
  },
)

const fields = {
  id: Type.String({ description: '`trn_…`' }),
  status: Type.Unsafe<TrainerStatus>({
    type: 'string',
    enum: [...trainerStatuses],
    description: 'parked: its state is in the database, and the next operation wakes it. closed: it takes no operations any more.',
  }),
  version: Type.Integer({ minimum: 0, description: 'Updates of its parameters so far.' }),
  lastSeq: Type.Integer({ minimum: 0, description: 'The last request that was done; the next has the number after it.' }),
  parameters: Type.Array(ref(ParameterShapeSchema), { description: 'Names and shapes, in the order of the layers.' }),
  dataset: nullable(ref(datasetReferenceSchema), 'Its dataset; null once it is closed, and if all examples are sent.'),
  inputShape: nullable(Type.Array(Type.Integer()), 'Shape of an example that is sent, if it has no dataset.'),
  labelShape: nullable(Type.Array(Type.Integer()), 'Shape of a label that is sent, if it has no dataset.'),
  seed: Type.Integer({ description: 'Seed of initial weights, order and dropout.' }),
  engine: nullable(ref(EngineSchema), 'What executes whole steps; null until a worker opened it.'),
  error: nullable(ref(JobErrorSchema), 'Why no worker could open it, the last time that one tried; null otherwise.'),
  idleSeconds: Type.Integer({ description: 'Seconds without an operation after which it is parked.' }),
  metadata: ref(metadataSchema),
  createdAt: Type.String({ format: 'date-time' }),
  usedAt: Type.String({ format: 'date-time', description: 'When it was last asked for an operation.' }),
}

export const TrainerSchema = Type.Object(
  { ...fields, checkpoints: Type.Array(ref(TrainerCheckpointSchema), { description: 'What was saved, by name.' }) },
  { $id: 'Trainer', description: 'A model that a client trains by hand.', examples: [example] },
)
export type TrainerResource = Static<typeof TrainerSchema>

const ListedTrainerSchema = Type.Object(fields, { $id: 'ListedTrainer', description: 'A trainer in a list.' })
const { checkpoints: _, ...listed } = example

export const TrainerPageSchema = pageOf(ref(ListedTrainerSchema), {
  $id: 'TrainerPage',
  description: 'A page of trainers.',
  examples: [{ data: [listed], hasMore: false, nextCursor: null }],
})
export const trainerListQuery = Type.Object(pageQuery('trn'), { additionalProperties: false })

export const RunningOperationsSchema = Type.Object(
  { seq: Type.Integer({ description: 'Number of the request.' }), status: Type.Literal('running') },
  { $id: 'RunningOperations', description: 'A request that is still being done.', examples: [{ seq: 7, status: 'running' }] },
)

export const TrainerParametersSchema = Type.Object(
  {
    trainerId: Type.String({ description: '`trn_…`' }),
    version: Type.Integer({ description: 'Updates behind these values.' }),
    parameters: Type.Array(ref(ParameterSchema), { description: 'In the order of the layers, with running statistics.' }),
  },
  {
    $id: 'TrainerParameters',
    description: 'The parameters of a trainer.',
    examples: [
      {
        trainerId: 'trn_01kaf3m5d9v0q8c1x2y3z4w5a6',
        version: 5,
        parameters: [{ name: 'layers.0.bias', shape: [1], values: [4.2], norm: 4.2 }],
      },
    ],
  },
)

/** How long a request waits for its answer before it is told to come again, in seconds: unless said, and at most. */
export const trainerWait = Type.Object(
  {
    wait: Type.Number({
      minimum: 0,
      maximum: 60,
      default: 30,
      description: 'Seconds to wait for the answer; if there is none by then, the answer is 202.',
    }),
  },
  { additionalProperties: false },
)

/** Cells of a dataset that a trainer holds at most. */
export const maxTrainerCells = 16 * 2 ** 20

export const trainerSchemas = [
  CreateTrainerSchema,
  TrainerCheckpointSchema,
  TrainerCheckpointsSchema,
  TrainerSchema,
  ListedTrainerSchema,
  TrainerPageSchema,
  RunningOperationsSchema,
  TrainerParametersSchema,
  ...operationSchemas,
  ...operationResultSchemas,
]
