/** Bodies and answers of the calls that answer at once: evaluate a loss, sample an initializer, predict. */
import { type Static, Type } from 'typebox'
import { objectWithDefaults } from '../catalog/definition.ts'
import type { Reduction } from '../catalog/losses/loss.ts'
import { JsonNumber } from './numbers.ts'
import { ref } from './ref.ts'
import { TensorSchema } from './tensors.schema.ts'

const options = (of: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', default: {}, description: `The ${of}'s options, as the catalog lists them.` })

export const EvaluateLossSchema = objectWithDefaults(
  {
    inputs: Type.Array(ref(TensorSchema), {
      minItems: 1,
      maxItems: 2,
      description: 'The predictions; two tensors for losses of two inputs.',
    }),
    target: ref(TensorSchema),
    options: options('loss'),
    reduction: Type.Unsafe<Reduction>({
      type: 'string',
      enum: ['mean', 'sum', 'none', 'batchmean'],
      default: 'mean',
      description: 'How the values become one number; `none` keeps them.',
    }),
  },
  {
    $id: 'EvaluateLoss',
    examples: [{ inputs: [{ shape: [3], values: [1.8, 3.2, 10] }], target: { shape: [3], values: [2, 3, 5] }, reduction: 'mean' }],
  },
)
export type EvaluateLoss = Static<typeof EvaluateLossSchema>

export const LossValueSchema = Type.Object(
  {
    value: Type.Union([JsonNumber, ref(TensorSchema)], { description: 'A tensor for reduction none, else a number.' }),
    gradients: Type.Array(ref(TensorSchema), { description: 'Of sum(value), in the order of the inputs.' }),
  },
  {
    $id: 'LossValue',
    examples: [{ value: 1.5133333, gradients: [{ shape: [3], values: [-0.0666667, 0.0666667, 0.3333333] }] }],
  },
)

export const SampleInitializerSchema = objectWithDefaults(
  {
    shape: Type.Array(Type.Integer({ minimum: 1, maximum: 1e7 }), {
      minItems: 1,
      maxItems: 8,
      description: 'Dense [in, out], convolutions [...kernel, in, out].',
    }),
    options: options('initializer'),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Random unless given.' })),
  },
  { $id: 'SampleInitializer', examples: [{ shape: [4, 2], options: {}, seed: 11 }] },
)
export type SampleInitializer = Static<typeof SampleInitializerSchema>

export const SampleSchema = Type.Object(
  {
    values: Type.Array(JsonNumber, { description: 'Flat, row-major.' }),
    mean: Type.Union([JsonNumber]),
    std: Type.Union([JsonNumber]),
    min: Type.Union([JsonNumber]),
    max: Type.Union([JsonNumber]),
    seed: Type.Integer({ description: 'Gives the same values again.' }),
  },
  { $id: 'Sample', examples: [{ values: [0.1, -0.2, 0.3, 0], mean: 0.05, std: 0.18, min: -0.2, max: 0.3, seed: 11 }] },
)

const groupRows = Type.Array(Type.Array(Type.Number()), { minItems: 1 })
export const PredictSchema = Type.Unsafe<PredictBody>({
  $id: 'Predict',
  type: 'object',
  description: 'Rows by column name, or as arrays in the order of the job’s feature columns; `{a, b}` where the loss compares two inputs.',
  properties: {
    rows: { type: 'array', minItems: 1, items: { type: 'object', additionalProperties: { type: 'number' } } },
    features: {
      if: { type: 'array' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: groupRows,
      else: { type: 'object', properties: { a: groupRows, b: groupRows }, required: ['a', 'b'], additionalProperties: false },
    },
  },
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  examples: [{ features: [[1, 2]] }],
})
export type PredictBody = {
  rows?: Record<string, number>[]
  features?: number[][] | { a: number[][]; b: number[][] }
}

export const PredictionsSchema = Type.Object(
  {
    predictions: Type.Array(Type.Array(JsonNumber), { description: 'One flat output per row.' }),
    epoch: Type.Integer({ description: 'Finished epochs behind the weights.' }),
  },
  { $id: 'Predictions', examples: [{ predictions: [[-0.6]], epoch: 3 }] },
)
