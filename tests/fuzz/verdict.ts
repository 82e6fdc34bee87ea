/** What no answer may be, whatever was asked. */
import type { FuzzCase } from './case.ts'
import { isCutOff } from './case.ts'
import type { Answer, Outcome } from './exchange.ts'

type Entry = { path?: unknown; code?: unknown; message?: unknown }
type ProblemBody = { status?: unknown; code?: unknown; requestId?: unknown; errors?: unknown }

/** @param codes those that the service documents. @returns what is wrong; null where nothing is */
export const verdictOn = (
  one: FuzzCase,
  { answer, ms, hung, refused }: Outcome,
  codes: ReadonlySet<string>,
  limitMs: number,
): string | null => {
  if (refused) return 'the connection was refused'
  if (hung) return `no answer, and no end of the connection, within ${limitMs} ms`
  if (ms > limitMs) return `it took ${Math.round(ms)} ms`
  // Who goes away need not be told anything.
  if (!answer) return isCutOff(one) ? null : 'the connection ended without an answer'
  return wrongAnswer(one, answer, codes)
}

const wrongAnswer = (one: FuzzCase, { status, headers, body }: Answer, codes: ReadonlySet<string>): string | null => {
  const text = body.toString('utf8')
  if (status >= 500) return `${status}: ${text.slice(0, 500)}`
  if (status < 400) return status >= 200 ? null : `status ${status}`
  if (one.method === 'HEAD') return null
  if (!headers['content-type']?.startsWith('application/problem+json'))
    return `${status} with ${headers['content-type']}: ${text.slice(0, 300)}`
  const problem = parse(text)
  if (!problem) return `${status} with a body that is no JSON: ${text.slice(0, 300)}`
  return wrongProblem(problem, status, codes)
}

const wrongProblem = (problem: ProblemBody, status: number, codes: ReadonlySet<string>): string | null => {
  const { code, errors } = problem
  const shown = JSON.stringify(problem).slice(0, 600)
  if (problem.status !== status) return `${status} whose problem says ${problem.status}`
  if (!codes.has(String(code))) return `an unknown code: ${shown}`
  if (typeof problem.requestId !== 'string') return `no requestId: ${shown}`
  if (!Array.isArray(errors)) return `no list of errors: ${shown}`
  if (code === 'VALIDATION_FAILED' && errors.length === 0) return `nothing is named: ${shown}`
  const bad = (errors as Entry[]).find(
    ({ path, message, code: kind }) =>
      typeof path !== 'string' || !path.startsWith('/') || typeof message !== 'string' || typeof kind !== 'string',
  )
  return bad ? `an error without a path, code or message: ${shown}` : null
}

const parse = (text: string): ProblemBody | null => {
  try {
    return JSON.parse(text) as ProblemBody
  } catch {
    return null
  }
}
