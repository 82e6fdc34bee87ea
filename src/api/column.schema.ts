/** A column of a dataset: what it holds, what it is for, and what is known of its values. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { histogramBins, shownLevels } from '../contracts/table-limits.ts'
import { nullable } from './nullable.ts'

export const columnRoles = ['feature', 'label', 'ignored'] as const
export type ColumnRole = (typeof columnRoles)[number]

export const columnTypes = ['number', 'integer', 'boolean', 'category', 'date', 'datetime', 'text'] as const
export type ColumnType = (typeof columnTypes)[number]

export const ColumnLevelSchema = Type.Object(
  {
    value: Type.String({ description: 'The level.' }),
    count: Type.Integer({ minimum: 1, description: 'Cells that hold it.' }),
  },
  { $id: 'ColumnLevel', description: 'A level of a column of text, and how often it occurs.' },
)

export const HistogramSchema = Type.Object(
  {
    edges: Type.Array(Type.Union([Type.Number(), Type.String()]), { description: 'Bounds of the bins, one more than there are bins.' }),
    counts: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: histogramBins, description: 'Values in each bin.' }),
  },
  { $id: 'Histogram', description: 'How values are spread; of dates the edges are in words.' },
)

export const ColumnSchema = Type.Object(
  {
    name: Type.String({ description: 'As it was uploaded.' }),
    role: nullable(
      Type.Unsafe<ColumnRole>({ type: 'string', enum: [...columnRoles] }),
      'What the column is for, if the upload said it; else null. `ignored` is left out of training.',
    ),
    type: Type.Unsafe<ColumnType>({
      type: 'string',
      enum: [...columnTypes],
      description:
        '`integer` if every value is whole. `category`: text, or whatever was declared one, of few different values. `text`: any other text, which no job trains on unless it is declared a category.',
    }),
    missing: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Cells without a value. Not there in datasets of earlier versions, which have none.' }),
    ),
    min: bound('Smallest value.'),
    max: bound('Largest value.'),
    mean: statistic('Mean.'),
    std: statistic('Standard deviation, with divisor n.'),
    quartiles: Type.Optional(
      Type.Array(Type.Union([Type.Number(), Type.String()]), {
        minItems: 3,
        maxItems: 3,
        description: 'First quartile, median and third quartile, from a sketch: near, not exact, in a large table.',
      }),
    ),
    histogram: Type.Optional(
      ref(HistogramSchema, { description: 'How the values are spread, from a sketch: near, not exact, in a large table.' }),
    ),
    levelCount: Type.Optional(Type.Integer({ minimum: 0, description: 'Of `category` and `text`: different values.' })),
    levels: Type.Optional(
      Type.Array(ref(ColumnLevelSchema), {
        maxItems: shownLevels,
        description: `Of \`category\` and \`text\`: the ${shownLevels} most frequent values, most frequent first.`,
      }),
    ),
    stored: Type.Optional(
      Type.Literal(false, { description: 'Only in a column that was too much to store: it is listed, its cells read as missing.' }),
    ),
    wide: Type.Optional(Type.Literal(true, { description: 'Only in a column whose exact values are kept beside their float32.' })),
  },
  { $id: 'Column', description: 'A column of a dataset, with its statistics.' },
)
/** A column as the API shows it. */
export type Column = Static<typeof ColumnSchema>

/** What is known about a column's values. */
export type ColumnStatistics = Omit<Column, 'name' | 'role'>

/** A column as it is stored, which is how it is shown; a synthetic table's statistics may not be known yet. */
export type StoredColumn = Pick<Column, 'name' | 'role'> & Partial<ColumnStatistics>

function statistic(description: string) {
  return nullable(
    Type.Number(),
    `${description} Null for a large synthetic table until it is read by its id, and for a column of no numbers.`,
  )
}

function bound(description: string) {
  return nullable(
    Type.Union([Type.Number(), Type.String()]),
    `${description} Of a date or a datetime in words (RFC 3339). Null for a large synthetic table until it is read by its id, for \`category\` and \`text\`, and for a column without values.`,
  )
}
