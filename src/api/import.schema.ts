/** A file that the service fetches from a URL. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { nullable } from './nullable.ts'
import { pageOf, pageQuery } from './page.schema.ts'
import { ValidationErrorSchema } from './problem.schema.ts'
import { FormOptionsSchema } from './upload-options.schema.ts'

/** Imports of a tenant that wait or run at a time. */
export const maxOpenImports = 10
/** How long an import may take, how long its host may say nothing, and how many redirects it may take. */
export const importLimits = { timeoutMs: 3_600_000, idleMs: 30_000, maxRedirects: 5 }
/** How long an import that has ended is kept. */
export const keptImportDays = 7

export const importStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
export type ImportStatus = (typeof importStatuses)[number]
/** Those that an import stays in. */
export const finalImportStatuses: readonly ImportStatus[] = ['succeeded', 'failed', 'cancelled']

/** Why an import fails: because of its source, or of what came from there as an upload would. */
export const importErrorCodes = [
  'SOURCE_NOT_ALLOWED',
  'SOURCE_UNREACHABLE',
  'SOURCE_TIMED_OUT',
  'SOURCE_STATUS',
  'MALFORMED_BODY',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'VALIDATION_FAILED',
  'QUOTA_EXCEEDED',
  'INTERNAL',
] as const
export type ImportErrorCode = (typeof importErrorCodes)[number]

const encodings = ['gzip', 'zstd'] as const

const source = {
  url: Type.String({
    minLength: 1,
    maxLength: 4096,
    description: 'Where the file is: an https URL of a host that the operator listed in `IMPORT_HOSTS`, without a user name.',
  }),
  contentType: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Media type of the file, one of those that a file has as a body, or `application/json` for JSON as a body has it. Unless said, what the host says it is, or what its name ends with.',
    }),
  ),
  contentEncoding: Type.Optional(
    Type.Unsafe<(typeof encodings)[number]>({
      type: 'string',
      enum: [...encodings],
      description: 'How the file is compressed. Unless said, what the host says, or `.gz` or `.zst` at the end of its name.',
    }),
  ),
}

export const CreateImportSchema = Type.Object(
  { ...source, ...FormOptionsSchema.properties },
  {
    $id: 'CreateImport',
    additionalProperties: false,
    description: 'A table that the service fetches; the answer is 202 with the import.',
    examples: [{ url: 'https://data.example/penguins.csv', labels: ['species'], name: 'penguins' }],
  },
)
export type CreateImport = Static<typeof CreateImportSchema>

export const ImportErrorSchema = Type.Object(
  {
    code: Type.Unsafe<ImportErrorCode>({ type: 'string', enum: [...importErrorCodes], description: 'Why it failed, for programs.' }),
    message: Type.String({ description: 'Why it failed, for people.' }),
    errors: Type.Array(ref(ValidationErrorSchema), { description: 'What is wrong with the file, as the answer to an upload lists it.' }),
  },
  { $id: 'ImportError', description: 'Why an import failed.' },
)
export type ImportError = Static<typeof ImportErrorSchema>

const example = {
  id: 'imp_01kaf3m5d9v0q8c1x2y3z4w5a6',
  status: 'succeeded',
  url: 'https://data.example/penguins.csv',
  contentType: null,
  contentEncoding: null,
  options: { labels: ['species'], name: 'penguins' },
  bytesRead: 13478,
  datasetId: 'ds_01kaf3m5d9v0q8c1x2y3z4w5a6',
  error: null,
  createdAt: '2026-11-26T10:00:00.000Z',
  startedAt: '2026-11-26T10:00:00.100Z',
  finishedAt: '2026-11-26T10:00:01.200Z',
}

export const ImportSchema = Type.Object(
  {
    id: Type.String({ description: '`imp_…`' }),
    status: Type.Unsafe<ImportStatus>({
      type: 'string',
      enum: [...importStatuses],
      description: 'Where it stands; the last three are final.',
    }),
    url: Type.String({ description: 'Where the file is fetched from.' }),
    contentType: nullable(Type.String(), 'Media type of the file, if the request said it.'),
    contentEncoding: nullable(Type.String(), 'How the file is compressed, if the request said it.'),
    options: ref(FormOptionsSchema),
    bytesRead: Type.Integer({ minimum: 0, description: 'Bytes that came so far, as they came over the line.' }),
    datasetId: nullable(Type.String(), 'The dataset that it became; null until then.'),
    error: nullable(ref(ImportErrorSchema), 'Why it failed; else null.'),
    createdAt: time('When it was asked for.'),
    startedAt: nullable(time('')),
    finishedAt: nullable(time('')),
  },
  { $id: 'Import', description: 'A file that is fetched from a URL, and becomes a dataset.', examples: [example] },
)
export type ImportResource = Static<typeof ImportSchema>

export const ImportPageSchema = pageOf(ref(ImportSchema), {
  $id: 'ImportPage',
  description: 'A page of imports.',
  examples: [{ data: [example], hasMore: false, nextCursor: null }],
})
/** What has a name. */
export const importSchemas = [CreateImportSchema, ImportErrorSchema, ImportSchema, ImportPageSchema]

export const importListQuery = Type.Object(pageQuery('imp'), { additionalProperties: false })

function time(description: string) {
  return Type.String({ format: 'date-time', ...(description ? { description } : {}) })
}
