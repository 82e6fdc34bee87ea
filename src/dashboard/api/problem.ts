/** What goes wrong with a request, in words for people. */
import type { ValidationError } from './types.ts'

/** An answer other than the wanted one; `errors` says where in the request. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly errors: ValidationError[]
  readonly requestId: string | undefined

  constructor(status: number, code: string, message: string, errors: ValidationError[] = [], requestId?: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.errors = errors
    this.requestId = requestId
  }
}

/** The error that an answer tells of; proxies on the way may answer without a problem document. */
export const readProblem = async (response: Response): Promise<ApiError> => {
  const fallback = `The service answered ${response.status} ${response.statusText}`.trim()
  try {
    const { code, detail, title, errors, requestId } = await response.json()
    return new ApiError(response.status, String(code), String(detail ?? title ?? fallback), errors ?? [], requestId)
  } catch {
    return new ApiError(response.status, 'UNKNOWN', fallback)
  }
}

/** What to tell of anything that was thrown. */
export const messageOf = (error: unknown): string => {
  if (error instanceof ApiError) return error.message
  if (isUnanswered(error)) return 'The service cannot be reached'
  return error instanceof Error ? error.message : String(error)
}

/** True for what fetch throws if nobody answers. */
export const isUnanswered = (error: unknown): boolean => error instanceof TypeError

/** True if the same request may succeed later. */
export const mayPass = (error: unknown): boolean =>
  isUnanswered(error) || (error instanceof ApiError && (error.status >= 500 || error.status === 429))

/** True for a request that was given up by the page itself. */
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'
