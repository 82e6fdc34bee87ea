/** Looking into a dataset: its rows, and mini-batches of it. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { nullable } from './nullable.ts'

/** Values of a mini-batch: ten rows of the widest table, which is what is given if no size is asked for. */
export const maxBatchCells = 2_500_000
/** Cells that an answer shows by name. */
export const maxAnswerCells = 500_000
/** Rows that correlations are made of. */
export const maxCorrelatedRows = 10_000
/** Rows of one answer. */
export const maxAnswerRows = 1000

const cell = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()])
const row = Type.Record(Type.String(), cell)
const numbers = (description: string) => Type.Array(Type.Array(Type.Union([Type.Number(), Type.Null()])), { description })

export const DatasetRowsPageSchema = Type.Object(
  {
    data: Type.Array(row, {
      description:
        'Rows by column name, as they were uploaded: texts and dates in words, true and false, numbers as the shortest decimals that are stored as they are, missing values as null.',
    }),
    offset: Type.Integer({ minimum: 0, description: 'Position of the first of them, from 0.' }),
    total: Type.Integer({ minimum: 1, description: 'Rows of the dataset.' }),
    nextOffset: nullable(Type.Integer({ minimum: 1 }), 'Where the next rows begin; null if there are none.'),
  },
  {
    $id: 'DatasetRowsPage',
    description: 'Some rows of a dataset, in stored order.',
    examples: [
      {
        data: [
          { species: 'Adelie', mass: 3750, weighed: '2007-11-11' },
          { species: 'Gentoo', mass: null, weighed: '2007-11-27' },
        ],
        offset: 0,
        total: 344,
        nextOffset: 2,
      },
    ],
  },
)
export type DatasetRows = Static<typeof DatasetRowsPageSchema>

export const BatchSchema = Type.Object(
  {
    features: numbers('Flat features of each row of the mini-batch: texts as codes, dates as days since 1970, missing values as null.'),
    labels: numbers('Labels of each row of the mini-batch.'),
    featureNames: Type.Array(Type.String(), { description: 'Names of the features, in their order.' }),
    labelNames: Type.Array(Type.String(), { description: 'Names of the labels, in their order.' }),
    rows: nullable(
      Type.Array(row),
      `The same rows, and all of their columns, by name and as they were uploaded; null if they have more than ${maxAnswerCells} cells.`,
    ),
    seed: Type.Integer({ description: 'Gives the same mini-batch again.' }),
  },
  {
    $id: 'Batch',
    description: 'A mini-batch of a dataset.',
    examples: [
      {
        features: [[2], [1]],
        labels: [[4], [2]],
        featureNames: ['x'],
        labelNames: ['y'],
        rows: [
          { x: 2, y: 4 },
          { x: 1, y: 2 },
        ],
        seed: 1,
      },
    ],
  },
)
export type Batch = Static<typeof BatchSchema>

export const CorrelationSchema = Type.Object(
  {
    column: Type.String({ description: 'Name of the column.' }),
    measure: nullable(
      Type.Unsafe<'pearson' | 'correlationRatio' | 'cramersV'>({ type: 'string', enum: ['pearson', 'correlationRatio', 'cramersV'] }),
      "`pearson` of two quantities: Pearson's r, from -1 to 1. `correlationRatio` of a quantity and a category: from 0 to 1, its square the share of the variance that the categories explain. `cramersV` of two categories: Cramér's V, from 0 to 1. Null for text.",
    ),
    value: nullable(Type.Number({ minimum: -1, maximum: 1 }), 'How strongly they go together; null if either is constant.'),
  },
  { $id: 'Correlation', description: 'How a column goes with the label.' },
)
export type Correlation = Static<typeof CorrelationSchema>

export const CorrelationsSchema = Type.Object(
  {
    label: Type.String({ description: 'The column that all others are held against.' }),
    rows: Type.Integer({
      minimum: 1,
      description: `Rows that were looked at, at most ${maxCorrelatedRows} and spread evenly over the dataset. A row that lacks either value counts for neither.`,
    }),
    total: Type.Integer({ minimum: 1, description: 'Rows of the dataset.' }),
    data: Type.Array(ref(CorrelationSchema), { description: 'All other columns, in stored order.' }),
  },
  {
    $id: 'Correlations',
    description: 'How the columns of a dataset go with a label.',
    examples: [
      {
        label: 'mass',
        rows: 344,
        total: 344,
        data: [
          { column: 'flipper', measure: 'pearson', value: 0.87 },
          { column: 'species', measure: 'correlationRatio', value: 0.82 },
        ],
      },
    ],
  },
)
export type Correlations = Static<typeof CorrelationsSchema>
