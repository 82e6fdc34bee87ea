/** Bodies and answers of the calls that answer at once: evaluate a loss, sample an initializer, predict. */
import { type Static, Type } from 'typebox'
import { type Definition, objectWithDefaults } from '../catalog/definition.ts'
import { initializerCatalog } from '../catalog/initializers.ts'
import { lossCatalog } from '../catalog/losses/all-losses.ts'
import type { Reduction } from '../catalog/losses/loss.ts'
import { ref } from '../catalog/ref.ts'
import { type JsonNumber, jsonNumber } from './numbers.ts'
import { optionalFields } from './published.ts'
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

/** A cell of a row: of a number, a category or a date, a yes or no, null if it is missing. */
export type Cell = number | string | boolean | null
export const CellSchema = Type.Unsafe<Cell>({
  $id: 'Cell',
  type: ['number', 'string', 'boolean', 'null'],
  description: 'A value as its column holds it: a number, a level of a category or a date in words, true or false; null if it is missing.',
})

const rows = Type.Array(Type.Array(ref(CellSchema)), { minItems: 1 })
export const FeatureGroupsSchema = Type.Object(
  { a: rows, b: rows },
  { $id: 'FeatureGroups', additionalProperties: false, description: 'Rows of both inputs of a loss that compares two.' },
)

const predictionOutputs = ['class', 'probability', 'raw'] as const
export type PredictionOutput = (typeof predictionOutputs)[number]
const outputSchema = (description: string) => Type.Unsafe<PredictionOutput>({ type: 'string', enum: [...predictionOutputs], description })
const output = Type.Optional(
  outputSchema(
    'What is told of each row: the class that it is taken for, the probability of each class, or the raw outputs of the model. Left out, the class if the labels are categories or booleans, else raw.',
  ),
)

const predictFields = {
  rows: Type.Array(Type.Record(Type.String(), ref(CellSchema)), { minItems: 1, description: 'One object per row, by column name.' }),
  features: Type.Unsafe<Cell[][] | { a: Cell[][]; b: Cell[][] }>({
    description: 'One list per row, in the order of the feature columns.',
    if: { type: 'array' },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: rows,
    else: ref(FeatureGroupsSchema),
  }),
}
export const PredictRowsSchema = objectWithDefaults(
  { rows: predictFields.rows, output },
  { $id: 'PredictRows', description: 'Rows by column name.' },
)
export const PredictFeaturesSchema = objectWithDefaults(
  { features: predictFields.features, output },
  { $id: 'PredictFeatures', description: 'Rows as arrays.' },
)
export const PredictSchema = Type.Unsafe<PredictBody>({
  $id: 'Predict',
  type: 'object',
  description: 'Rows by column name, or as arrays in the order of the job’s feature columns; `{a, b}` if the loss compares two inputs.',
  properties: { ...predictFields, output },
  published: { oneOf: [ref(PredictRowsSchema), ref(PredictFeaturesSchema)] },
  additionalProperties: false,
  if: { type: 'object', required: ['rows'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: { features: false } },
  else: { required: ['features'] },
  examples: [{ features: [[1, 2]] }, { rows: [{ island: 'Biscoe', billLength: 41.1, sex: null }], output: 'probability' }],
})
export type PredictBody = {
  rows?: Record<string, Cell>[]
  features?: Cell[][] | { a: Cell[][]; b: Cell[][] }
  output?: PredictionOutput
}

export const ClassNameSchema = Type.Unsafe<string | number | boolean>({
  $id: 'ClassName',
  type: ['string', 'number', 'boolean'],
  description: 'A class as its label has it: a level of a category, true or false, or the number that stands for it.',
})

/** What is told of one row. */
export type Prediction = JsonNumber[] | string | number | boolean | (string | number | boolean | null)[] | null
const PredictionSchema = Type.Unsafe<Prediction>({
  anyOf: [{ type: ['string', 'number', 'boolean', 'null'] }, { type: 'array', items: { type: ['string', 'number', 'boolean', 'null'] } }],
})
export type Predictions = {
  predictions: Prediction[]
  epoch: number
  output: PredictionOutput
  classes?: (string | number | boolean)[] | (string | number | boolean)[][]
}

export const PredictionsSchema = Type.Unsafe<Predictions>({
  ...Type.Object({
    predictions: Type.Array(PredictionSchema, {
      description:
        'One entry per row. raw: its flat outputs, in the units of the labels. class: its class, or a list of one for each label if there are several; null if the outputs are not numbers. probability: of each of `classes`, or of a yes to each of several labels.',
    }),
    epoch: Type.Integer({ description: 'Finished epochs behind the weights.' }),
    output: outputSchema('What is told of each row.'),
    classes: Type.Optional(
      Type.Unsafe<(string | number | boolean)[] | (string | number | boolean)[][]>({
        type: 'array',
        items: { anyOf: [ref(ClassNameSchema), { type: 'array', items: ref(ClassNameSchema) }] },
        description: 'The classes in the order of their probabilities, not with raw outputs; of several labels a list for each.',
      }),
    ),
  }),
  $id: 'Predictions',
  description: 'Outputs of a model, or what they mean.',
  examples: [
    { predictions: [[-0.6]], epoch: 3, output: 'raw' },
    { predictions: ['Gentoo'], epoch: 40, output: 'class', classes: ['Adelie', 'Chinstrap', 'Gentoo'] },
  ],
})

/** Which options there are depends on the type, which a path says: clients read of all that any type has. */
function optionsSchema(of: string, catalog: Record<string, Definition>) {
  return Type.Unsafe<Record<string, unknown>>({
    $id: `${of}Options`,
    type: 'object',
    description: `The options of any ${of.toLowerCase()}; those of one are in the catalog.`,
    published: optionalFields(Object.values(catalog).map(({ options }) => options)),
  })
}
