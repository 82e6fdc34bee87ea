/** What the operations of a trainer give. */
import { Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { jsonNumber } from './numbers.ts'
import { shapeSchema } from './tensors.schema.ts'

/** A parameter or its gradient. */
export const TrainerTensorResultSchema = Type.Object(
  {
    name: Type.String({ description: '`layers.{index}.{weight|bias}`' }),
    shape: shapeSchema,
    values: Type.Optional(Type.Array(jsonNumber(), { description: 'Flat values, row-major; absent with `reduce: "norm"`.' })),
    norm: jsonNumber('Euclidean norm of the values.'),
  },
  { $id: 'TrainerTensorResult', description: 'A parameter, or its gradient.' },
)

/** Numbers of a model. */
export const OutputTensorSchema = Type.Object(
  { shape: shapeSchema, values: Type.Array(jsonNumber(), { description: 'Flat values, row-major.' }) },
  { $id: 'OutputTensor', description: 'Numbers of a model.' },
)

export const OperationResultSchema = Type.Object(
  {
    type: Type.String({ description: 'The type of the operation.' }),
    rows: Type.Optional(Type.Integer({ description: 'Of `batch`: how many examples.' })),
    epoch: Type.Optional(Type.Integer({ description: 'Of a `batch` of the dataset by size: its epoch, from 1.' })),
    index: Type.Optional(Type.Integer({ description: 'And its number in there, from 0.' })),
    outputs: Type.Optional(
      ref(OutputTensorSchema, {
        description: 'Of `forward`; of a loss that compares two inputs `[2, rows, …]`, those of `a`, then of `b`.',
      }),
    ),
    pass: Type.Optional(Type.Integer({ description: 'Of a pass in training mode: its number since the last update, from 1.' })),
    version: Type.Optional(Type.Integer({ description: 'Of operations that read or change parameters: the version after it.' })),
    loss: Type.Optional(jsonNumber('Of `forwardBackward` and `evaluate`.')),
    losses: Type.Optional(ref(OutputTensorSchema, { description: 'Of `forwardBackward` with `perExample`: the terms of the loss.' })),
    metrics: Type.Optional(Type.Record(Type.String(), jsonNumber(), { description: 'Of `evaluate`.' })),
    gradients: Type.Optional(Type.Array(ref(TrainerTensorResultSchema), { description: 'Of `gradients`.' })),
    parameters: Type.Optional(Type.Array(ref(TrainerTensorResultSchema), { description: 'Of `parameters`.' })),
    norm: Type.Optional(jsonNumber('Of `clip`: the norm of all gradients together before it.')),
    gradientNorm: Type.Optional(jsonNumber('Of `step`: the norm of the gradients that it went by.')),
    updateNorm: Type.Optional(jsonNumber('Of `step`, `update`, `assign` and `load`: the norm of what changed.')),
    name: Type.Optional(Type.String({ description: 'Of `save` and `load`.' })),
    times: Type.Optional(Type.Integer({ description: 'Of `repeat`.' })),
    meanLoss: Type.Optional(jsonNumber('Of `repeat` with `forwardBackward`: mean of all its losses.')),
    results: Type.Optional(
      Type.Array(Type.Unsafe<Record<string, unknown>>({ $ref: 'OperationResult#' }), {
        description: 'Of `repeat`: the results of the last round.',
      }),
    ),
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

export const operationResultSchemas = [TrainerTensorResultSchema, OutputTensorSchema, OperationResultSchema, PerformedSchema]
