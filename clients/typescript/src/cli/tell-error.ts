/** What went wrong, on standard error. */
import { ApiError, TrainyardError } from '../errors.ts'

/** A sentence, and each wrong place of the request in a line; as one JSON object with `--json`. */
export const tellError = (error: unknown, asJson: boolean): void => {
  process.stderr.write(`${asJson ? JSON.stringify(toJson(error)) : `trainyard: ${messageOf(error)}`}\n`)
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const isExpected = error instanceof TrainyardError || error instanceof TypeError || 'code' in error
  const id = error instanceof ApiError && error.requestId ? `\n  request ${error.requestId}` : ''
  return isExpected ? `${error.message}${id}` : (error.stack ?? error.message)
}

const toJson = (error: unknown): object => {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message } = error
  if (!(error instanceof ApiError)) return { name, message, ...('code' in error ? { code: error.code } : {}) }
  const { status, code, requestId, errors } = error
  return { name, message, status, code, requestId, errors }
}
