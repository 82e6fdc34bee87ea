/** What went wrong, on standard error. */
import { CommanderError } from 'commander'
import { ApiError, AuthenticationError, ConnectionError, TrainyardError } from '../errors.ts'

/** A sentence, and each wrong place of the request in a line; as one JSON object with `--json`. Of a wrong command people have been told already. */
export const tellError = (error: unknown, asJson: boolean): void => {
  if (error instanceof CommanderError) {
    if (asJson && error.exitCode !== 0) write(JSON.stringify(usageError(error)))
  } else write(asJson ? JSON.stringify(toJson(error)) : `trainyard: ${messageOf(error)}`)
}

const write = (line: string): void => void process.stderr.write(`${line}\n`)

/** What is wrong with a command, with the question whether another was meant. */
const usageError = ({ code, message }: CommanderError): object => {
  const text = code === 'commander.help' ? 'a command is missing: --help shows which there are' : message.replace(/^error: /, '')
  return { name: 'UsageError', message: text.replaceAll('\n', ' '), code: usageCode }
}

/** Of whatever ends with the exit code 2. */
const usageCode = 'USAGE'

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
  if (error instanceof TypeError) return { name, message, code: usageCode }
  if (!(error instanceof ApiError)) return { name, message, ...('code' in error ? { code: error.code } : {}) }
  const { status, code, requestId, errors } = error
  return { name, message, status, code, requestId, errors }
}
