/** What went wrong, on standard error. */
import { ApiError, AuthenticationError, ConnectionError, TrainyardError } from '../errors.ts'

/** A sentence, and each wrong place of the request in a line; as one JSON object with `--json`. */
export const tellError = (error: unknown, asJson: boolean): void => {
  process.stderr.write(`${asJson ? JSON.stringify(toJson(error)) : `trainyard: ${messageOf(error)}`}\n`)
}

/** What else helps in a shell. */
const hints = [
  [ConnectionError, '\n  is the service running? --url or TRAINYARD_URL says where it is'],
  [AuthenticationError, '\n  TRAINYARD_API_KEY has the key of the command line'],
] as const

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const isExpected = error instanceof TrainyardError || error instanceof TypeError || 'code' in error
  const id = error instanceof ApiError && error.requestId ? `\n  request ${error.requestId}` : ''
  const hint = hints.find(([Kind]) => error instanceof Kind)?.[1] ?? ''
  return isExpected ? `${error.message}${id}${hint}` : (error.stack ?? error.message)
}

const toJson = (error: unknown): object => {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message } = error
  if (!(error instanceof ApiError)) return { name, message, ...('code' in error ? { code: error.code } : {}) }
  const { status, code, requestId, errors } = error
  return { name, message, status, code, requestId, errors }
}
