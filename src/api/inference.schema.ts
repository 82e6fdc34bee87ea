/** Bodies and answers of the calls that answer at once: evaluate a loss, sample an initializer, predict. */
import { type Static, Type } from 'typebox'
import { type Definition, objectWithDefaults } from '../catalog/definition.ts'
import { initializerCatalog } from '../catalog/initializers.ts'
import { lossCatalog } from '../catalog/losses/all-losses.ts'
import type { Reduction } from '../catalog/losses/loss.ts'
import { ref } from '../catalog/ref.ts'
import { jsonNumber } from './numbers.ts'
import { type Named, optionalFields } from './published.ts'
import { TensorSchema } from './tensors.schema.ts'
export const lossOptionsSchema = optionsSchema('Loss', lossCatalog)
export const initializerOptionsSchema = optionsSchema('Initializer', initializerCatalog)

export const EvaluateLossSchema = objectWithDefaults(
  {
    inputs: Type.Array(ref(TensorSchema), {
      minItems: 1,
      maxItems: 2,
      description: 'The predictions; two tensors for losses of two inputs.',
    }),
    target: ref(TensorSchema),
    options: ref(lossOptionsSchema, { default: {}, description: "The loss's options, as the catalog lists them." }),
    reduction: Type.Unsafe<Reduction>({
      type: 'string',
      enum: ['mean', 'sum', 'none', 'batchmean'],
      default: 'mean',
      description: 'How the values become one number; `none` keeps them.',
    }),
  },
  {
    $id: 'EvaluateLoss',
    description: 'Tensors to evaluate a loss of.',
    examples: [{ inputs: [{ shape: [3], values: [1.8, 3.2, 10] }], target: { shape: [3], values: [2, 3, 5] }, reduction: 'mean' }],
  },
)
export type EvaluateLoss = Static<typeof EvaluateLossSchema>

export const LossValueSchema = Type.Object(
  {
    value: Type.Union([jsonNumber(), ref(TensorSchema)], { description: 'A tensor for reduction none, else a number.' }),
    gradients: Type.Array(ref(TensorSchema), { description: 'Of sum(value), in the order of the inputs.' }),
  },
  {
    $id: 'LossValue',
    description: 'The value of a loss and its gradients.',
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
    options: ref(initializerOptionsSchema, { default: {}, description: "The initializer's options, as the catalog lists them." }),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Random unless given.' })),
  },
  {
    $id: 'SampleInitializer',
    description: 'What tensor to draw from an initializer.',
    examples: [{ shape: [4, 2], options: {}, seed: 11 }],
  },
)
export type SampleInitializer = Static<typeof SampleInitializerSchema>

export const SampleSchema = Type.Object(
  {
    values: Type.Array(jsonNumber(), { description: 'Flat, row-major.' }),
    mean: jsonNumber(),
    std: jsonNumber(),
    min: jsonNumber(),
    max: jsonNumber(),
    seed: Type.Integer({ description: 'Gives the same values again.' }),
  },
  {
    $id: 'Sample',
    description: 'A tensor that an initializer gave, with its statistics.',
    examples: [{ values: [0.1, -0.2, 0.3, 0], mean: 0.05, std: 0.18, min: -0.2, max: 0.3, seed: 11 }],
  },
)

/** All of them, for the document. */
export const inferenceSchemas: readonly Named[] = [
  EvaluateLossSchema,
  initializerOptionsSchema,
  LossValueSchema,
  lossOptionsSchema,
  SampleInitializerSchema,
  SampleSchema,
]

/** Which options there are depends on the type, which a path says: clients read of all that any type has. */
function optionsSchema(of: string, catalog: Record<string, Definition>) {
  return Type.Unsafe<Record<string, unknown>>({
    $id: `${of}Options`,
    type: 'object',
    description: `The options of any ${of.toLowerCase()}; those of one are in the catalog.`,
    published: optionalFields(Object.values(catalog).map(({ options }) => options)),
  })
}
