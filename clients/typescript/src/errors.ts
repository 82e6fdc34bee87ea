/** What can go wrong, each kind as a class of its own; all of them are TrainyardErrors. */
import type { Problem, ValidationErrorEntry } from './types.ts'

/** Anything that this package itself throws. */
export class TrainyardError extends Error {
  override name = 'TrainyardError'
}

/** Nobody answered, or the line broke, also when asked again. */
export class ConnectionError extends TrainyardError {
  override name = 'ConnectionError'
}

/** Somebody is there, and said nothing for `timeoutMs`. */
export class TimeoutError extends ConnectionError {
  override name = 'TimeoutError'
}

/** What an answer other than the wanted one says. */
export type ApiErrorFields = {
  status: number
  code: string
  detail: string
  requestId: string | undefined
  errors: readonly ValidationErrorEntry[]
  /** Seconds after which the service wants to be asked again, if it says so. */
  retryAfter: number | undefined
}

/** An answer other than the wanted one. `code` is stable; docs/errors.md of the service lists all of them. */
export class ApiError extends TrainyardError {
  override name = 'ApiError'
  readonly status: number
  readonly code: string
  /** What to quote when asking for help: it is in the log of the service. */
  readonly requestId: string | undefined
  /** All that is wrong with the request, each with the JSON Pointer of its place. */
  readonly errors: readonly ValidationErrorEntry[]
  readonly retryAfter: number | undefined

  constructor({ status, code, detail, requestId, errors, retryAfter }: ApiErrorFields) {
    const places = errors.filter(({ message }) => message !== detail).map(({ path, message }) => `  ${path}: ${message}`)
    super([detail, ...places].join('\n'))
    this.status = status
    this.code = code
    this.requestId = requestId
    this.errors = errors
    this.retryAfter = retryAfter
  }
}

/** 400: the request cannot be parsed. */
export class BadRequestError extends ApiError {
  override name = 'BadRequestError'
}
/** 401: the service has keys, and none that it knows came. */
export class AuthenticationError extends ApiError {
  override name = 'AuthenticationError'
}
/** 403: this key, host or page may not do that. */
export class PermissionError extends ApiError {
  override name = 'PermissionError'
}
/** 404: there is no such thing, or it is another tenant's. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError'
}
/** 409: it is not in a state that allows this. */
export class ConflictError extends ApiError {
  override name = 'ConflictError'
}
/** 412: it is not the version that was expected, or was made meanwhile. */
export class PreconditionFailedError extends ApiError {
  override name = 'PreconditionFailedError'
}
/** 413: the body, or all that the tenant stores, would be too large. */
export class TooLargeError extends ApiError {
  override name = 'TooLargeError'
}
/** 422: what was sent is well-formed but wrong; `errors` says where. */
export class ValidationError extends ApiError {
  override name = 'ValidationError'
}
/** 429: too much at once; `retryAfter` says in how many seconds it may be sent again. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError'
}
/** 5xx: the service cannot answer now, or failed. */
export class ServerError extends ApiError {
  override name = 'ServerError'
}

/** A job or an import that was waited for ended otherwise than by success. `code` is that of its error, or `CANCELLED`. */
export class UnsuccessfulError<Ended> extends TrainyardError {
  override name = 'UnsuccessfulError'
  readonly code: string
  /** The job or the import as it ended; what it had finished stays readable. */
  readonly ended: Ended

  constructor(code: string, message: string, ended: Ended) {
    super(message)
    this.code = code
    this.ended = ended
  }
}

/** What a receiver of webhooks was sent does not come from the service, or is too old. */
export class SignatureError extends TrainyardError {
  override name = 'SignatureError'
}

/** The error that an answer tells of. Proxies on the way may answer without a problem document. */
export const errorOf = ({ status, statusText, headers }: Response, text: string): ApiError => {
  const problem = parseProblem(text)
  const { code = 'UNKNOWN', errors = [] } = problem
  const detail = problem.detail ?? problem.title ?? `The service answered ${status} ${statusText}`.trim()
  const requestId = problem.requestId ?? headers.get('x-request-id') ?? undefined
  const Kind = kinds[status] ?? (status >= 500 ? ServerError : ApiError)
  return new Kind({ status, code, detail, requestId, errors, retryAfter: secondsOf(headers.get('retry-after')) })
}

const kinds: Record<number, typeof ApiError> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionError,
  404: NotFoundError,
  409: ConflictError,
  412: PreconditionFailedError,
  413: TooLargeError,
  422: ValidationError,
  429: RateLimitError,
}

const parseProblem = (text: string): Partial<Problem> => {
  try {
    const problem: unknown = JSON.parse(text)
    return typeof problem === 'object' && problem !== null ? problem : {}
  } catch {
    return {}
  }
}

/** Retry-After is a number of seconds or a date (RFC 9110, section 10.2.3). */
const secondsOf = (header: string | null): number | undefined => {
  if (header === null || header.trim() === '') return undefined
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}
