/** A dataset: an immutable table of float32 values, uploaded or generated from a synthetic spec. */
import { type Static, Type } from 'typebox'
import type { SyntheticSpec } from '../catalog/generators.ts'
import { ref } from '../catalog/ref.ts'
import { syntheticDatasetSchema } from './job-config/parts.schema.ts'
import { nullable } from './nullable.ts'
import { omittedSchema, pageOf } from './page.schema.ts'
import { TruthSchema } from './truth.schema.ts'

export const columnRoles = ['feature', 'label'] as const
export type ColumnRole = (typeof columnRoles)[number]

export const ColumnSchema = Type.Object(
  {
    name: Type.String({ description: 'As it was uploaded.' }),
    role: nullable(
      Type.Unsafe<ColumnRole>({ type: 'string', enum: [...columnRoles] }),
      'What the column is for, if the upload said it; else null.',
    ),
    type: Type.Unsafe<'integer' | 'number'>({
      type: 'string',
      enum: ['integer', 'number'],
      description: '`integer` if every value is whole.',
    }),
    min: statistic('Smallest value.'),
    max: statistic('Largest value.'),
    mean: statistic('Mean.'),
    std: statistic('Standard deviation, with divisor n.'),
  },
  { $id: 'Column', description: 'A column of a dataset, with its statistics.' },
)
/** A column as the API shows it. */
export type Column = Static<typeof ColumnSchema>

/** What is known about a column's values. */
export type ColumnStatistics = { type: Column['type']; min: number; max: number; mean: number; std: number }

/** A column as it is stored: a synthetic table's statistics may not be known yet. */
export type StoredColumn = Pick<Column, 'name' | 'role'> & Partial<ColumnStatistics>

const inputShape = Type.Array(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }), {
  maxItems: 4,
  description: 'Shape of one example: [length, channels], [height, width, channels] or [depth, height, width, channels].',
})

/** How a CSV was read. */
export const CsvDialectSchema = Type.Object(
  {
    delimiter: Type.String({ description: 'What separates its cells.' }),
    header: Type.Boolean({ description: 'Whether its first line was taken for the names of the columns. If not they are x1, x2, …' }),
  },
  { $id: 'CsvDialect', description: 'How a CSV was read.' },
)
export type CsvDialect = Static<typeof CsvDialectSchema>

const exampleDataset = {
  id: 'ds_01kaf3m5d9v0q8c1x2y3z4w5a6',
  kind: 'upload',
  rows: 2,
  columnCount: 2,
  columns: [
    { name: 'x', role: 'feature', type: 'integer', min: 1, max: 2, mean: 1.5, std: 0.5 },
    { name: 'y', role: 'label', type: 'number', min: 2, max: 4.5, mean: 3.25, std: 1.25 },
  ],
  inputShape: null,
  csv: { delimiter: ',', header: true },
  synthetic: null,
  truth: null,
  contentHash: '5f2b0b7a9f0c1d2e3f4a5b6c7d8e9f00112233445566778899aabbccddeeff00',
  createdAt: '2026-11-22T10:00:00.000Z',
}

const exampleSynthetic = {
  ...exampleDataset,
  kind: 'synthetic',
  rows: 1000,
  columns: [
    { name: 'x1', role: 'feature', type: 'number', min: -3.1, max: 3.2, mean: 0.01, std: 1.01 },
    { name: 'x2', role: 'feature', type: 'number', min: -3.4, max: 2.9, mean: -0.02, std: 0.99 },
    { name: 'y', role: 'label', type: 'number', min: -8.1, max: 15.3, mean: 4.3, std: 3.9 },
  ],
  synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 },
  truth: { weights: [2, -3.4], bias: 4.2 },
}

export const DatasetSchema = Type.Object(
  {
    id: Type.String({ description: '`ds_…`' }),
    kind: Type.Unsafe<'upload' | 'synthetic'>({ type: 'string', enum: ['upload', 'synthetic'], description: 'Source of the rows.' }),
    rows: Type.Integer({ minimum: 1, description: 'How many rows it has.' }),
    columnCount: Type.Integer({ minimum: 1, description: 'How many columns it has.' }),
    columns: Type.Array(ref(ColumnSchema), { description: 'In stored order; in lists the first 100.' }),
    inputShape: nullable(inputShape, 'Shape of one example, if the upload said it; else null.'),
    csv: nullable(ref(CsvDialectSchema), 'How the uploaded CSV was read; null for anything else.'),
    synthetic: nullable(Type.Unsafe<SyntheticSpec>({ $ref: 'ResolvedGenerator#' }), 'The spec, every default filled in.'),
    truth: Type.Optional(nullable(ref(TruthSchema), 'What made a synthetic table; null for an upload. Left out in lists.')),
    contentHash: Type.String({ description: 'SHA-256 of column names, roles and values; of the spec for synthetic data.' }),
    omitted: omittedSchema,
    createdAt: Type.String({ format: 'date-time', description: 'When it was stored.' }),
  },
  {
    $id: 'Dataset',
    description: 'An immutable table of float32 values, uploaded or generated.',
    examples: [exampleDataset, exampleSynthetic],
  },
)
export type DatasetResource = Static<typeof DatasetSchema>

export const DatasetPageSchema = pageOf(ref(DatasetSchema), {
  $id: 'DatasetPage',
  description: 'A page of datasets.',
  examples: [{ data: [exampleDataset], hasMore: false, nextCursor: null }],
})

/** What an upload may say about its columns. */
export const uploadOptions = {
  features: Type.Optional(columnNames('features')),
  labels: Type.Optional(columnNames('labels')),
  inputShape: Type.Optional(inputShape),
}
export const UploadOptionsSchema = Type.Object(uploadOptions, { $id: 'UploadOptions', additionalProperties: false })
export type UploadOptions = Static<typeof UploadOptionsSchema>

const dialectOptions = {
  header: Type.Optional(
    Type.Boolean({
      description:
        'Whether the first line of a CSV has the names of the columns. Unless said, a first line of numbers alone is data, and the columns are x1, x2, …',
    }),
  ),
  delimiter: Type.Optional(
    Type.String({
      pattern: '^([^\\w"\\r\\n.+-]|tab)$',
      description:
        'What separates the cells of a CSV: one character, or `tab`. Unless said, whichever of comma, semicolon, tab and | fits its first lines.',
    }),
  ),
}

/** The part `options` of a form. How the file is written must be known before the file is read. */
export const FormOptionsSchema = Type.Object(
  { ...uploadOptions, ...dialectOptions },
  {
    $id: 'FormOptions',
    additionalProperties: false,
    description: '`header` and `delimiter` only in a part `options` that comes before the part `file`; else they go in the query.',
  },
)
export type FormOptions = Static<typeof FormOptionsSchema>

/** The parts of a form. It documents; the parts are read as they come in. */
export const DatasetFormSchema = Type.Object(
  { options: Type.Optional(ref(FormOptionsSchema)), file: Type.String({ format: 'binary', description: 'The table, as a file.' }) },
  { $id: 'DatasetForm', description: 'A table as a form.' },
)

/** The same as query parameters, names separated by commas. */
export const uploadQuery = Type.Object(
  {
    features: Type.Optional(Type.String({ description: 'Feature columns of a file, separated by commas.' })),
    labels: Type.Optional(Type.String({ description: 'Label columns of a file, separated by commas.' })),
    inputShape: Type.Optional(Type.String({ pattern: '^\\d+(,\\d+)*$', description: 'Shape of one example, e.g. 28,28,1.' })),
    ...dialectOptions,
  },
  { additionalProperties: false },
)

const row = Type.Record(Type.String(), Type.Number())

/**
 * The JSON bodies. They document; a parser of its own reads the rows, since a table needs validation errors by row and column
 * and must not pay for a schema walk over every cell.
 */
export const DatasetRowsSchema = Type.Object(
  { rows: Type.Array(row, { minItems: 1, description: 'One object per row, every row with the same columns.' }), ...uploadOptions },
  { $id: 'DatasetRows', additionalProperties: false, description: 'A table by rows.' },
)
export const DatasetArraysSchema = Type.Object(
  {
    features: matrix('Flat features of each row.'),
    labels: matrix('Labels of each row; a class label is its index, `[k]`.'),
    inputShape: Type.Optional(inputShape),
  },
  { $id: 'DatasetArrays', additionalProperties: false, description: 'A table as arrays.' },
)
export const CreateDatasetSchema = Type.Unsafe<unknown>({
  $id: 'CreateDataset',
  oneOf: [ref(DatasetRowsSchema), ref(DatasetArraysSchema), ref(syntheticDatasetSchema)],
  description: 'A table, or the spec of one.',
  examples: [
    { features: [[1], [2], [3]], labels: [[2], [4], [6]] },
    {
      rows: [
        { x: 1, y: 2 },
        { x: 2, y: 4 },
      ],
      features: ['x'],
      labels: ['y'],
    },
    { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
  ],
})

export const BatchSchema = Type.Object(
  {
    features: Type.Array(Type.Array(Type.Number()), { description: 'Flat features of each row of the mini-batch.' }),
    labels: Type.Array(Type.Array(Type.Number()), { description: 'Labels of each row of the mini-batch.' }),
    seed: Type.Integer({ description: 'Gives the same mini-batch again.' }),
  },
  { $id: 'Batch', description: 'A mini-batch of a dataset.', examples: [{ features: [[2], [1]], labels: [[4], [2]], seed: 1 }] },
)
export type Batch = Static<typeof BatchSchema>

function statistic(description: string) {
  return nullable(Type.Number(), `${description} Null for a large synthetic table until it is read by its id.`)
}

function columnNames(what: string) {
  return Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true, description: `Columns that are ${what}.` })
}

function matrix(description: string) {
  return Type.Array(Type.Array(Type.Number()), { minItems: 1, description })
}
