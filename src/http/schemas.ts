/** What routes write their schemas with. */
import { type TSchema, Type } from 'typebox'
import { ProblemDocument } from '../api/problem.schema.ts'
import { ref } from '../catalog/ref.ts'
import { type ProblemCode, problemCatalog } from '../contracts/error-codes.ts'
import { nameKeyword } from './openapi/shared-parts.ts'

/** Headers of an answer, by name. */
type Headers = Record<string, { type: 'string' | 'integer'; description: string; minimum?: number; [nameKeyword]: string }>

/** A successful answer with a JSON body. */
export const answer = (description: string, schema: TSchema, headers?: Headers) => ({
  description,
  ...(headers ? { headers } : {}),
  content: { 'application/json': { schema } },
})

/** A body that is a file of bytes, in the words of OpenAPI. */
export const file = (description: string) => ({ schema: { type: 'string', format: 'binary', description, examples: ['(bytes)'] } })

/** A body that is text of lines. */
export const lines = (description: string, example: string) => ({ schema: { type: 'string', description }, example })

/** A successful answer without a body. */
export const noContent = (description: string) => ({ description, type: 'null' })
/** The 304 of an answer that has a tag. */
export const notModified = noContent('Nothing has changed since the answer whose `ETag` was sent as `If-None-Match`.')

export const locationHeader: Headers = {
  Location: { type: 'string', description: 'Path of what was created.', [nameKeyword]: 'Location' },
}
export const retryHeader: Headers = {
  'Retry-After': { type: 'integer', minimum: 1, description: 'Seconds after which asking again makes sense.', [nameKeyword]: 'RetryAfter' },
}
export const tagHeader: Headers = {
  ETag: { type: 'string', description: 'What `If-None-Match` may name.', [nameKeyword]: 'ETag' },
}
export const dispositionHeader = { 'Content-Disposition': { type: 'string', description: 'A name for the file.' } }
const requestIdHeader: Headers = {
  'X-Request-Id': { type: 'string', description: 'Id of the request, as in `requestId`.', [nameKeyword]: 'RequestId' },
}

/** Problems that any request may meet, those of paths that not every caller may ask, and those of paths that need a key. */
const anywhere: ProblemCode[] = ['MALFORMED_REQUEST', 'VALIDATION_FAILED', 'HEADERS_TOO_LARGE', 'RATE_LIMITED', 'INTERNAL']
export const callerProblems: ProblemCode[] = ['HOST_NOT_ALLOWED', 'ORIGIN_NOT_ALLOWED']
const withKey: ProblemCode[] = [...anywhere, ...callerProblems, 'UNAUTHENTICATED', 'INSUFFICIENT_SCOPE', 'UNAVAILABLE']
/** Problems of requests with a body. */
export const bodyProblems: ProblemCode[] = ['MALFORMED_BODY', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE']
/** Problems of an Idempotency-Key. */
export const keyProblems: ProblemCode[] = ['IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_MISMATCH']

/** All answers of an operation: its own, and the problems that it may meet, by status. */
export const answers = (own: Record<number, object>, problems: readonly ProblemCode[] = []): Record<number, object> =>
  describeAll(own, [...withKey, ...problems])

/** All answers of an operation that anyone may ask for. */
export const openAnswers = (own: Record<number, object>, problems: readonly ProblemCode[] = []): Record<number, object> =>
  describeAll(own, [...anywhere, ...problems])

/** A path parameter that is an id. */
export const idParams = (what: string, example: string) =>
  Type.Object({
    id: Type.String({ description: `Id of the ${what}.`, examples: [example], [nameKeyword]: `${inPascalCase(what)}Id` }),
  })

/** The query of what probes, scrapers and libraries ask for, who append to addresses: whatever it is, it is not read. */
export const anyQuery = Type.Object({}, { additionalProperties: true })

/** The header that makes a POST safe to repeat. */
export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      [nameKeyword]: 'IdempotencyKey',
      // No example: the reference would send it with every request, and all but the first are other requests with the same key.
      description:
        'Repeats of this request, within 24 hours, get the first answer again, with `Idempotent-Replayed: true`, and do nothing. Any text that no other request has, such as a UUID.',
    }),
  ),
})

/** How long to wait for a change of something that goes on by itself. */
export const waitQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 60,
        description:
          'Seconds to wait for a change of status or progress, or for the end; 0 unless given, 60 with `waitFor=end`. Answers at once on what is final.',
      }),
    ),
    waitFor: Type.Unsafe<'change' | 'end'>({
      type: 'string',
      enum: ['change', 'end'],
      default: 'change',
      description: 'What ends the wait early: any change of status or progress, or only the end.',
    }),
  },
  { additionalProperties: false },
)

const describeAll = (own: Record<number, object>, problems: readonly ProblemCode[]): Record<number, object> => {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of new Set(problems)) {
    const { status } = problemCatalog[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const described = [...byStatus].map(([status, codes]) => [
    status,
    {
      headers: { ...requestIdHeader, ...(codes.some(mayPass) ? retryHeader : {}) },
      description: codes.map((code) => `\`${code}\`: ${problemCatalog[code].title}.`).join(' '),
      content: {
        'application/problem+json': {
          schema: ref(ProblemDocument),
          example: exampleOf(codes[0] ?? 'INTERNAL'),
          [nameKeyword]: nameOf(codes),
        },
      },
    },
  ])
  return { ...own, ...Object.fromEntries(described) }
}

/** Problems of which an answer says when to ask again. */
const mayPass = (code: ProblemCode): boolean => retried.some((one) => one === code)
const retried: ProblemCode[] = ['RATE_LIMITED', 'QUEUE_FULL', 'UNAVAILABLE', 'IDEMPOTENCY_IN_PROGRESS']

/** Problems that share a status at many operations, and the name of that answer. */
const shared: [name: string, codes: ProblemCode[]][] = [
  ['Malformed', ['MALFORMED_REQUEST', 'MALFORMED_BODY']],
  ['CallerNotAllowed', ['HOST_NOT_ALLOWED', 'ORIGIN_NOT_ALLOWED']],
  ['KeyInUse', ['IDEMPOTENCY_IN_PROGRESS']],
  ['KeyMismatch', ['IDEMPOTENCY_MISMATCH']],
  ['Invalid', ['VALIDATION_FAILED']],
]

/** What the document calls an answer with these problems: `ConflictOrKeyInUse`. */
const nameOf = (codes: readonly ProblemCode[]): string => {
  const names = codes.flatMap((code) => {
    const [name, members] = shared.find(([, members]) => members.includes(code) && members.every((member) => codes.includes(member))) ?? []
    return name === undefined || members === undefined ? inPascalCase(code) : members[0] === code ? name : []
  })
  return names.join('Or')
}

const exampleOf = (code: ProblemCode): ProblemDocument => {
  const { title, status } = problemCatalog[code]
  const errors = code === 'VALIDATION_FAILED' ? [{ path: '/training/epochs', code: 'minimum', message: 'must be >= 1', value: -3 }] : []
  const detail = errors.length > 0 ? 'The request has 1 validation error' : title
  return {
    type: `urn:trainyard:problem:${code}`,
    title,
    status,
    code,
    detail,
    instance: '/v1/jobs',
    requestId: 'req_01kaf3m5d9v0q8c1x2y3z4w5a6',
    errors,
  }
}

/** `MalformedBody` of `MALFORMED_BODY`. */
const inPascalCase = (code: string): string => code.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
