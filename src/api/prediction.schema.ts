/** Rows to predict for, and what a model says of them. */
import { Type } from 'typebox'
import { objectWithDefaults } from '../catalog/definition.ts'
import { ref } from '../catalog/ref.ts'
import { datasetPredictionSchemas, PredictDatasetSchema, type PredictedDataset, predictDatasetFields } from './dataset-prediction.schema.ts'
import { type JsonNumber, jsonNumber } from './numbers.ts'
import { ClassNameSchema, optionalOutput as output, outputSchema, type PredictionOutput } from './prediction-output.schema.ts'
import type { Named } from './published.ts'

/** A cell of a row: of a number, a category or a date, a yes or no, null if it is missing. */
export type Cell = number | string | boolean | null
const CellSchema = Type.Unsafe<Cell>({
  $id: 'Cell',
  type: ['number', 'string', 'boolean', 'null'],
  description: 'A value as its column holds it: a number, a level of a category or a date in words, true or false; null if it is missing.',
})

const rows = Type.Array(Type.Array(ref(CellSchema)), { minItems: 1 })
const FeatureGroupsSchema = Type.Object(
  { a: rows, b: rows },
  { $id: 'FeatureGroups', additionalProperties: false, description: 'Rows of both inputs of a loss that compares two.' },
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
const labels = Type.Optional(
  Type.Array(Type.Array(ref(CellSchema), { minItems: 1 }), {
    minItems: 1,
    description:
      "The labels of each row, in the order of the job's label columns: the answer then has the loss over these rows, and the job's metrics.",
  }),
)
const PredictRowsSchema = objectWithDefaults(
  { rows: predictFields.rows, labels, output },
  { $id: 'PredictRows', description: 'Rows by column name.' },
)
const PredictFeaturesSchema = objectWithDefaults(
  { features: predictFields.features, labels, output },
  { $id: 'PredictFeatures', description: 'Rows as arrays.' },
)
export const PredictSchema = Type.Unsafe<PredictRequestBody>({
  $id: 'Predict',
  type: 'object',
  description:
    'Rows by column name, or as arrays in the order of the job’s feature columns, `{a, b}` if the loss compares two inputs; or all rows of a dataset.',
  properties: { ...predictFields, ...predictDatasetFields, labels, output },
  published: { oneOf: [ref(PredictRowsSchema), ref(PredictFeaturesSchema), ref(PredictDatasetSchema)] },
  additionalProperties: false,
  if: { type: 'object', required: ['dataset'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: { rows: false, features: false, labels: false } },
  else: {
    if: { type: 'object', required: ['rows'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { features: false, metrics: false } },
    // Of none the usual one is said to be missing.
    else: { if: { type: 'object', required: ['features'] }, properties: { metrics: false }, else: { required: ['rows'] } },
  },
  examples: [
    { features: [[1, 2]], labels: [[-0.6]] },
    { rows: [{ x1: 1, x2: 2 }], output: 'raw' },
    { dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 2 } } },
  ],
})
/** A request for rows, or for a whole dataset. */
export type PredictRequestBody = PredictBody | PredictDatasetBody
export type PredictDatasetBody = { dataset: PredictedDataset; output?: PredictionOutput; metrics?: boolean }
export type PredictBody = {
  rows?: Record<string, Cell>[]
  features?: Cell[][] | { a: Cell[][]; b: Cell[][] }
  labels?: Cell[][]
  output?: PredictionOutput
}

/** What is told of one row. */
export type Prediction = JsonNumber[] | string | number | boolean | (string | number | boolean | null)[] | null
const PredictionSchema = Type.Unsafe<Prediction>({
  anyOf: [{ type: ['string', 'number', 'boolean', 'null'] }, { type: 'array', items: { type: ['string', 'number', 'boolean', 'null'] } }],
})
export type Predictions = {
  predictions: Prediction[]
  epoch: number
  /** Only by a model's name. */
  jobId?: string
  output: PredictionOutput
  classes?: (string | number | boolean)[] | (string | number | boolean)[][]
  metrics?: Record<string, JsonNumber>
}

export const PredictionsSchema = Type.Unsafe<Predictions>({
  ...Type.Object({
    predictions: Type.Array(PredictionSchema, {
      description:
        'One entry per row. raw: its flat outputs, in the units of the labels. class: its class, or a list of one for each label if there are several; null if the outputs are not numbers. probability: of each of `classes`, or of a yes to each of several labels.',
    }),
    epoch: Type.Integer({ description: 'Finished epochs behind the weights.' }),
    jobId: Type.Optional(Type.String({ description: 'Whose weights, if a model was asked by its name.' })),
    output: outputSchema('What is told of each row.'),
    classes: Type.Optional(
      Type.Unsafe<(string | number | boolean)[] | (string | number | boolean)[][]>({
        type: 'array',
        items: { anyOf: [ref(ClassNameSchema), { type: 'array', items: ref(ClassNameSchema) }] },
        description: 'The classes in the order of their probabilities, not with raw outputs; of several labels a list for each.',
      }),
    ),
    metrics: Type.Optional(
      Type.Record(Type.String(), jsonNumber(), {
        description:
          'Only if labels came along: the `loss` over these rows, in the units that the epochs of the job tell it in, and the metrics that the job asks for.',
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

/** All of them, for the document. */
export const predictionSchemas: readonly Named[] = [
  PredictRowsSchema,
  PredictFeaturesSchema,
  FeatureGroupsSchema,
  PredictSchema,
  CellSchema,
  ClassNameSchema,
  PredictionsSchema,
  ...datasetPredictionSchemas,
]
