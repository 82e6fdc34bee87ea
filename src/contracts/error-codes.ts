/**
 * Every failure a client can meet: one code, one HTTP status, one meaning. Rendered as RFC 9457 problem+json. `about` is the
 * part of a request that such a failure is always about.
 */

export const problemCatalog = {
  MALFORMED_BODY: { status: 400, title: 'The body cannot be parsed', about: '/body' },
  MALFORMED_REQUEST: { status: 400, title: 'The request cannot be parsed' },
  UNAUTHENTICATED: { status: 401, title: 'A valid API key is needed', about: '/authorization' },
  HOST_NOT_ALLOWED: { status: 403, title: 'The service is not answering under this name' },
  ORIGIN_NOT_ALLOWED: { status: 403, title: 'Pages of this origin may not use the service' },
  OPERATOR_ONLY: { status: 403, title: "An operator's key is needed", about: '/authorization' },
  INSUFFICIENT_SCOPE: { status: 403, title: 'The key may not do this', about: '/authorization' },
  NOT_FOUND: { status: 404, title: 'There is no such resource' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This method is not allowed here' },
  NOT_ACCEPTABLE: { status: 406, title: 'No representation fits the Accept header' },
  CONFLICT: { status: 409, title: 'The resource is not in a state that allows this' },
  IDEMPOTENCY_IN_PROGRESS: { status: 409, title: 'A request with this Idempotency-Key is still running', about: '/idempotency-key' },
  TRAINERS_DISABLED: { status: 409, title: 'No worker here has trainers open' },
  PRECONDITION_FAILED: { status: 412, title: 'The resource is not the one that If-Match or If-None-Match names' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large', about: '/body' },
  QUOTA_EXCEEDED: { status: 413, title: 'Datasets and predictions would be larger than the service keeps for a tenant' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'This Content-Type is not supported here', about: '/content-type' },
  VALIDATION_FAILED: { status: 422, title: 'The request is well-formed but wrong' },
  IMPORT_DISABLED: { status: 422, title: 'Tables are not imported from URLs here', about: '/url' },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'This Idempotency-Key was used with another request', about: '/idempotency-key' },
  OP_UNSUPPORTED: { status: 422, title: 'The configured backend cannot train this' },
  FORMAT_UNSUPPORTED: { status: 422, title: 'The model cannot be expressed in this format' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The URL and the headers are too large' },
  QUEUE_FULL: { status: 429, title: 'As much is queued as a tenant may have' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  INTERNAL: { status: 500, title: 'Something went wrong here' },
  UNAVAILABLE: { status: 503, title: 'Not ready' },
  ENGINE_TIMEOUT: { status: 504, title: 'The engine did not answer in time' },
} as const satisfies Record<string, { status: number; title: string; about?: `/${string}` }>

export type ProblemCode = keyof typeof problemCatalog

/** One thing wrong with a request. `path` is a JSON Pointer, never empty; `line` counts from 1, header included. */
export type ValidationError = {
  path: string
  code: string
  message: string
  line?: number
  column?: string
  value?: string | number | boolean | null | number[]
}

/** Characters of a validation error's texts: a request may have a key of megabytes, and its answer would have it too. */
const longestText = 1000

const shorten = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText)}…` : text)

const shortened = (error: ValidationError): ValidationError => ({
  ...error,
  path: shorten(error.path),
  message: shorten(error.message),
  ...(error.column === undefined ? {} : { column: shorten(error.column) }),
})

/** A failure with a code of the catalog, thrown by services and rendered once, at the HTTP entry point. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly errors: ValidationError[]

  constructor(code: ProblemCode, detail?: string, errors: ValidationError[] = []) {
    super(detail ?? problemCatalog[code].title)
    this.name = 'Problem'
    this.code = code
    this.errors = errors.map(shortened)
  }

  get status(): number {
    return problemCatalog[this.code].status
  }
}

/** Codes of a failed job's `error`. */
export const jobErrorCodes = [
  'LOSS_DIVERGED',
  'WORKER_CRASHED',
  'TIMED_OUT',
  'OP_UNSUPPORTED',
  'OUT_OF_MEMORY',
  'LINEARLY_DEPENDENT',
  'LABEL_OUT_OF_RANGE',
  'INTERNAL',
] as const
export type JobErrorCode = (typeof jobErrorCodes)[number]
