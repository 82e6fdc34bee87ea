/** A file that comes in parts. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { nullable } from './nullable.ts'
import { FormOptionsSchema } from './upload-options.schema.ts'

/** Uploads of a tenant that are open at a time. */
export const maxOpenUploads = 10
export const maxPartBytes = 16 * 1024 * 1024
export const maxParts = 10_000
/** How long an upload waits for its next part. */
export const idleHours = 24

const encodings = ['gzip', 'zstd'] as const

export const CreateUploadSchema = Type.Object(
  {
    contentType: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Media type of the file, such as `text/csv`: one of those that POST /v1/datasets takes, but no JSON.',
    }),
    contentEncoding: Type.Optional(
      Type.Unsafe<(typeof encodings)[number]>({
        type: 'string',
        enum: [...encodings],
        description: 'How the file is compressed, if it is.',
      }),
    ),
    bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'What the parts will come to; then nothing less and nothing more becomes a dataset.',
      }),
    ),
    options: Type.Optional(ref(FormOptionsSchema)),
  },
  {
    $id: 'CreateUpload',
    additionalProperties: false,
    description: 'A file that is to come in parts, and what is said of it.',
    examples: [{ contentType: 'text/csv', bytes: 12, options: { labels: ['y'] } }],
  },
)
export type CreateUpload = Static<typeof CreateUploadSchema>

export const UploadPartSchema = Type.Object(
  {
    number: Type.Integer({ minimum: 1, maximum: maxParts, description: 'Its place in the file, from 1.' }),
    bytes: Type.Integer({ minimum: 1, maximum: maxPartBytes, description: 'How many bytes it has.' }),
    digest: Type.String({ description: 'Its SHA-256, written as in `Content-Digest` (RFC 9530).' }),
  },
  {
    $id: 'UploadPart',
    description: 'A part that is there.',
    examples: [{ number: 1, bytes: 12, digest: 'sha-256=:F9x6uZtS3wR2ZQkmNRgyh4/FrDaE4dCDSt5nqBAUiJ4=:' }],
  },
)
export type UploadPart = Static<typeof UploadPartSchema>

const example = {
  id: 'upl_01kaf3m5d9v0q8c1x2y3z4w5a6',
  status: 'open',
  contentType: 'text/csv',
  contentEncoding: null,
  options: { labels: ['y'] },
  bytes: 12,
  receivedBytes: 12,
  partCount: 1,
  maxPartBytes,
  datasetId: null,
  createdAt: '2026-11-26T10:00:00.000Z',
  expiresAt: '2026-11-27T10:00:00.000Z',
}
const examplePart = { number: 1, bytes: 12, digest: 'sha-256=:F9x6uZtS3wR2ZQkmNRgyh4/FrDaE4dCDSt5nqBAUiJ4=:' }

export const UploadSchema = Type.Object(
  {
    id: Type.String({ description: '`upl_…`' }),
    status: Type.Unsafe<'open' | 'completing' | 'completed'>({
      type: 'string',
      enum: ['open', 'completing', 'completed'],
      description: 'Parts may come while it is `open`; `completed` once it is a dataset.',
    }),
    contentType: Type.String({ description: 'Media type of the file.' }),
    contentEncoding: nullable(Type.String(), 'How the file is compressed; null if it is not.'),
    options: ref(FormOptionsSchema),
    bytes: nullable(Type.Integer(), 'What the parts are to come to, if that was said; else null.'),
    receivedBytes: Type.Integer({ minimum: 0, description: 'What they come to so far.' }),
    partCount: Type.Integer({ minimum: 0, description: 'How many are there.' }),
    maxPartBytes: Type.Integer({ description: 'How large a part may be.' }),
    parts: Type.Optional(
      Type.Array(ref(UploadPartSchema), { maxItems: maxParts, description: 'Those that are there, in order; left out in lists.' }),
    ),
    datasetId: nullable(Type.String(), 'The dataset that it became; null until then.'),
    createdAt: Type.String({ format: 'date-time', description: 'When it was begun.' }),
    expiresAt: Type.String({ format: 'date-time', description: `When it goes by itself: ${idleHours} hours after its last part.` }),
  },
  { $id: 'Upload', description: 'A file that comes in parts.', examples: [{ ...example, parts: [examplePart] }] },
)
export type UploadResource = Static<typeof UploadSchema>

export const UploadListSchema = Type.Object(
  { data: Type.Array(ref(UploadSchema), { description: 'Newest first.' }) },
  { $id: 'UploadList', description: 'Uploads that are not yet datasets.', examples: [{ data: [example] }] },
)
