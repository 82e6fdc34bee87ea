/** A dataset: an immutable table of float32 values, uploaded or generated from a synthetic spec. */
import { type Static, Type } from 'typebox'
import type { SyntheticSpec } from '../catalog/generators.ts'
import { ref } from '../catalog/ref.ts'
import { type Charset, charsets, listedBadRows, maxNotes } from '../contracts/table-limits.ts'
import { ColumnSchema } from './column.schema.ts'
import { CreateImportSchema } from './import.schema.ts'
import { syntheticDatasetSchema } from './job-config/parts.schema.ts'
import { metadataSchema } from './metadata.schema.ts'
import { nullable } from './nullable.ts'
import { omittedSchema, pageOf } from './page.schema.ts'
import { TruthSchema } from './truth.schema.ts'
import { FormOptionsSchema, filingOptions, inputShapeSchema, uploadOptions } from './upload-options.schema.ts'

/** How a CSV was read. */
export const CsvDialectSchema = Type.Object(
  {
    delimiter: Type.String({ description: 'What separates its cells.' }),
    header: Type.Boolean({ description: 'Whether its first line was taken for the names of the columns. If not they are x1, x2, …' }),
    quote: Type.Optional(Type.String({ description: 'What cells were quoted with, if it was not `"`; `none` if nothing.' })),
    decimal: Type.Optional(Type.Unsafe<'.' | ','>({ type: 'string', enum: ['.', ','], description: 'The decimal mark.' })),
    charset: Type.Optional(Type.Unsafe<Charset>({ type: 'string', enum: [...charsets], description: 'How its text was encoded.' })),
  },
  { $id: 'CsvDialect', description: 'How a CSV was read.' },
)
export type CsvDialect = Static<typeof CsvDialectSchema>

export const DatasetNoteSchema = Type.Object(
  {
    column: nullable(Type.String(), 'The column that it is about; null for all of the table.'),
    message: Type.String({ description: 'What was found out, for people.' }),
  },
  { $id: 'DatasetNote', description: 'What was found out about a column.' },
)
export type DatasetNote = Static<typeof DatasetNoteSchema>

export const BadRowSchema = Type.Object(
  {
    line: Type.Integer({ minimum: 1, description: 'Its line of the file, from 1, header included; its place in a file without lines.' }),
    message: Type.String({ description: 'What is wrong with it.' }),
  },
  { $id: 'BadRow', description: 'A row that could not be read.' },
)

export const BadRowsSchema = Type.Object(
  {
    count: Type.Integer({ minimum: 0, description: 'Rows that were left out.' }),
    rows: Type.Array(ref(BadRowSchema), {
      maxItems: listedBadRows,
      description: `The first ${listedBadRows} of them, and why.`,
    }),
  },
  { $id: 'BadRows', description: 'Rows that were left out.' },
)
export type BadRows = Static<typeof BadRowsSchema>

const exampleDataset = {
  id: 'ds_01kaf3m5d9v0q8c1x2y3z4w5a6',
  kind: 'upload',
  name: 'doubled',
  metadata: { source: 'notebook' },
  format: 'csv',
  rows: 2,
  columnCount: 2,
  columns: [
    { name: 'x', role: 'feature', type: 'integer', missing: 0, min: 1, max: 2, mean: 1.5, std: 0.5 },
    { name: 'y', role: 'label', type: 'number', missing: 0, min: 2, max: 4.5, mean: 3.25, std: 1.25 },
  ],
  inputShape: null,
  csv: { delimiter: ',', header: true },
  notes: [],
  badRows: null,
  synthetic: null,
  truth: null,
  contentHash: '5f2b0b7a9f0c1d2e3f4a5b6c7d8e9f00112233445566778899aabbccddeeff00',
  createdAt: '2026-11-22T10:00:00.000Z',
  expiresAt: null,
}

const exampleSynthetic = {
  ...exampleDataset,
  kind: 'synthetic',
  name: null,
  metadata: {},
  format: null,
  csv: null,
  rows: 1000,
  columns: [
    { name: 'x1', role: 'feature', type: 'number', missing: 0, min: -3.1, max: 3.2, mean: 0.01, std: 1.01 },
    { name: 'x2', role: 'feature', type: 'number', missing: 0, min: -3.4, max: 2.9, mean: -0.02, std: 0.99 },
    { name: 'y', role: 'label', type: 'number', missing: 0, min: -8.1, max: 15.3, mean: 4.3, std: 3.9 },
  ],
  synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 },
  truth: { weights: [2, -3.4], bias: 4.2 },
}

export const DatasetSchema = Type.Object(
  {
    id: Type.String({ description: '`ds_…`' }),
    kind: Type.Unsafe<'upload' | 'synthetic'>({ type: 'string', enum: ['upload', 'synthetic'], description: 'Source of the rows.' }),
    name: nullable(Type.String(), 'What it is called, if the upload said it; else null.'),
    metadata: ref(metadataSchema),
    format: nullable(
      Type.String(),
      'What it was uploaded as: `csv`, `json`, …; null for synthetic data and for uploads to earlier versions.',
    ),
    rows: Type.Integer({ minimum: 1, description: 'How many rows it has.' }),
    columnCount: Type.Integer({ minimum: 1, description: 'How many columns it has.' }),
    columns: Type.Array(ref(ColumnSchema), { description: 'In stored order; in lists the first 100.' }),
    inputShape: nullable(inputShapeSchema, 'Shape of one example, if the upload said it; else null.'),
    csv: nullable(ref(CsvDialectSchema), 'How the uploaded CSV was read; null for anything else.'),
    notes: Type.Array(ref(DatasetNoteSchema), {
      maxItems: maxNotes + 1,
      description: `What was found out about the columns and why not more; beyond ${maxNotes} the last one says how many others there were.`,
    }),
    badRows: nullable(
      ref(BadRowsSchema),
      'Rows of the file that could not be read and were left out, if the upload allowed for some; else null.',
    ),
    synthetic: nullable(Type.Unsafe<SyntheticSpec>({ $ref: 'ResolvedGenerator#' }), 'The spec, every default filled in.'),
    truth: Type.Optional(nullable(ref(TruthSchema), 'What made a synthetic table; null for an upload. Left out in lists.')),
    contentHash: Type.String({ description: 'SHA-256 of column names, roles and values; of the spec for synthetic data.' }),
    omitted: omittedSchema,
    createdAt: Type.String({ format: 'date-time', description: 'When it was stored.' }),
    expiresAt: nullable(Type.String({ format: 'date-time' }), 'From when on it is gone, if the upload said it; else null.'),
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

/** The parts of a form. It documents; the parts are read as they come in. */
export const DatasetFormSchema = Type.Object(
  { options: Type.Optional(ref(FormOptionsSchema)), file: Type.String({ format: 'binary', description: 'The table, as a file.' }) },
  { $id: 'DatasetForm', description: 'A table as a form.' },
)

/** A number, a text, a yes or no, or a value that is missing. */
const row = Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]))

/**
 * The JSON bodies. They document; a parser of its own reads the rows, since a table needs validation errors by row and column
 * and must not pay for a schema walk over every cell.
 */
export const DatasetRowsSchema = Type.Object(
  {
    rows: Type.Array(row, { minItems: 1, description: 'One object per row; what a row lacks, or has as null, is missing.' }),
    ...uploadOptions,
  },
  { $id: 'DatasetRows', additionalProperties: false, description: 'A table by rows.' },
)
export const DatasetRowListSchema = Type.Array(row, {
  $id: 'DatasetRowList',
  minItems: 1,
  description: 'A table as a list of its rows, as files of JSON have it.',
})
export const DatasetArraysSchema = Type.Object(
  {
    features: matrix('Flat features of each row.'),
    labels: matrix('Labels of each row; a class label is its index, `[k]`.'),
    inputShape: Type.Optional(inputShapeSchema),
    ...filingOptions,
  },
  { $id: 'DatasetArrays', additionalProperties: false, description: 'A table as arrays.' },
)
export const CreateDatasetSchema = Type.Unsafe<unknown>({
  $id: 'CreateDataset',
  oneOf: [
    ref(DatasetRowsSchema),
    ref(DatasetRowListSchema),
    ref(DatasetArraysSchema),
    ref(syntheticDatasetSchema),
    ref(CreateImportSchema),
  ],
  description: 'A table, the spec of one, or where to fetch one.',
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
    [
      { species: 'Adelie', mass: 3750 },
      { species: 'Gentoo', mass: null },
    ],
    { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
  ],
})

function matrix(description: string) {
  return Type.Array(Type.Array(Type.Number()), { minItems: 1, description })
}
