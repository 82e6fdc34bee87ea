/** What an upload may say of itself: of its columns, of how its file is written, and what the dataset is filed under. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { type Charset, charsets } from '../contracts/table-limits.ts'
import { columnTypes } from './column.schema.ts'
import { metadataSchema } from './metadata.schema.ts'

export const inputShapeSchema = Type.Array(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }), {
  maxItems: 4,
  description: 'Shape of one example: [length, channels], [height, width, channels] or [depth, height, width, channels].',
})

/** What a column can be declared to be. */
export const columnDeclarations = [...columnTypes, 'ignore'] as const
export type ColumnDeclaration = (typeof columnDeclarations)[number]

const declaration = Type.Unsafe<ColumnDeclaration>({ type: 'string', enum: [...columnDeclarations] })

export const columnDeclarationsSchema = Type.Record(Type.String(), declaration, {
  $id: 'ColumnDeclarations',
  description: 'What columns are, by name; of the others it is found out. `ignore` leaves a column out of training.',
})

const badRowsMax = Type.Number({
  minimum: 0,
  maximum: 2 ** 31 - 1,
  description: 'How many of the rows may be left out: below 1 their share of all rows, else their number.',
})

export const badRowsAllowedSchema = Type.Object(
  { max: badRowsMax },
  {
    $id: 'BadRowsAllowed',
    additionalProperties: false,
    description: 'Leaves rows out that cannot be read, and counts them, unless there are more than `max`; else any such row is an error.',
  },
)

/** What a dataset is filed under. */
export const filingOptions = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'What the dataset is called.' })),
  metadata: Type.Optional(ref(metadataSchema)),
  expiresAt: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'When the dataset may be deleted; one that an unfinished job needs is kept until that is over.',
    }),
  ),
}
export type FilingOptions = { name?: string; metadata?: Record<string, string | number>; expiresAt?: string }

/** What an upload of any format may say. */
export const uploadOptions = {
  features: Type.Optional(columnNames('features')),
  labels: Type.Optional(columnNames('labels')),
  inputShape: Type.Optional(inputShapeSchema),
  columns: Type.Optional(ref(columnDeclarationsSchema)),
  missing: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), {
      maxItems: 100,
      uniqueItems: true,
      description:
        'Texts that say that a value is missing, in place of NA, N/A, NaN, null, NULL, ? and -; an empty cell is missing in any case.',
    }),
  ),
  badRows: Type.Optional(ref(badRowsAllowedSchema)),
  ...filingOptions,
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
      title: 'one character that is no letter, digit or underscore and none of " . + -, or "tab"',
      description:
        'What separates the cells of a CSV: one character, or `tab`. Unless said, whichever of comma, semicolon, tab and | fits its first lines.',
    }),
  ),
  quote: Type.Optional(
    Type.String({
      pattern: '^(["\'`|~^$%&*]|none)$',
      title: 'one of " \' ` | ~ ^ $ % & *, or "none"',
      description: 'What cells of a CSV are quoted with: one character, or `none`. Unless said, `"`.',
    }),
  ),
  decimal: Type.Optional(
    Type.Unsafe<'.' | ','>({ type: 'string', enum: ['.', ','], description: 'The decimal mark of a CSV. Found out unless said.' }),
  ),
  charset: Type.Optional(
    Type.Unsafe<Charset>({
      type: 'string',
      enum: [...charsets],
      description: 'How the text of a CSV is encoded. Unless said, what its first bytes or its Content-Type say, else UTF-8.',
    }),
  ),
}
/** How a CSV is written, as far as an upload says it. */
export type DialectOptions = Omit<FormOptions, keyof UploadOptions>

/** The part `options` of a form. How the file is written must be known before the file is read. */
export const FormOptionsSchema = Type.Object(
  { ...uploadOptions, ...dialectOptions },
  {
    $id: 'FormOptions',
    additionalProperties: false,
    description:
      'What is said of how the file is written, `columns`, `missing` and `badRows` only in a part `options` that comes before the part `file`; else they go in the query.',
  },
)
export type FormOptions = Static<typeof FormOptionsSchema>

/** The same as query parameters, names separated by commas; `columns[name]=type` and `metadata[key]=value` may come several times. */
export const uploadQuery = Type.Unsafe<UploadQuery>({
  ...Type.Object({
    features: Type.Optional(Type.String({ description: 'Feature columns of a file, separated by commas.' })),
    labels: Type.Optional(Type.String({ description: 'Label columns of a file, separated by commas.' })),
    inputShape: Type.Optional(
      Type.String({
        pattern: '^\\d+(,\\d+)*$',
        title: 'whole numbers, separated by commas',
        description: 'Shape of one example, e.g. 28,28,1.',
      }),
    ),
    missing: Type.Optional(Type.String({ description: 'Texts that say that a value is missing, separated by commas.' })),
    'badRows[max]': Type.Optional(badRowsMax),
    name: filingOptions.name,
    expiresAt: filingOptions.expiresAt,
    ...dialectOptions,
  }),
  patternProperties: {
    '^columns\\[.+\\]$': declaration,
    '^metadata\\[.{1,64}\\]$': { type: 'string', maxLength: 512 },
  },
  additionalProperties: false,
})
export type UploadQuery = DialectOptions & {
  features?: string
  labels?: string
  inputShape?: string
  missing?: string
  'badRows[max]'?: number
  name?: string
  expiresAt?: string
} & Record<`columns[${string}]`, ColumnDeclaration> &
  Record<`metadata[${string}]`, string>

/** What the document says of the parameters that stand in no list of properties. */
export const uploadMaps = [
  { name: 'columns', description: 'What columns are, given as `columns[name]=type`.', schema: mapParameter(declaration) },
  {
    name: 'metadata',
    description: 'What the dataset is filed under, given as `metadata[key]=value`.',
    schema: mapParameter({ type: 'string', maxLength: 512 }),
  },
].map((parameter) => ({ ...parameter, in: 'query', required: false, style: 'deepObject', explode: true }))

function columnNames(what: string) {
  return Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true, description: `Columns that are ${what}.` })
}

function mapParameter(value: object) {
  return { type: 'object', additionalProperties: value }
}
