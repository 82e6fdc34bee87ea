/** A client that does not give up: it asks again, here or there, with the same Idempotency-Key, until it has an answer that counts. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Json } from '../support/e2e/api.ts'
import { limitedSignal } from '../support/limited-signal.ts'
import type { Random } from './random.ts'

/** What all requests of a run came to. */
export type Tally = {
  answers: Record<string, number>
  /** Answers that should not be: 5xx other than 503, 503 without Retry-After, no problem document. */
  offences: string[]
}

export type ClientOptions = {
  /** Addresses of the service; each attempt takes any of them. */
  bases: readonly string[]
  random: Random
  tally: Tally
  /** Aborts when the run is over, however it ended. */
  signal: AbortSignal
  /** How long one request is tried before the run fails. */
  giveUpMs: number
}

export type Reply<Body> = { status: number; body: Body }

/** Longer than any `wait` that is asked for. */
const attemptMs = 20_000
const pauseMs = 150

/** Worth another try: nothing was said about the request itself. */
const isPassing = (status: number, body: unknown): boolean =>
  status >= 500 || status === 429 || (status === 409 && (body as { code?: string } | null)?.code === 'IDEMPOTENCY_IN_PROGRESS')

const offenceOf = (status: number, headers: Headers, text: string): string | null => {
  if (status < 500) return null
  if (status !== 503) return `${status} ${text.slice(0, 300)}`
  if (!headers.get('retry-after')) return `503 without Retry-After ${text.slice(0, 200)}`
  return headers.get('content-type')?.startsWith('application/problem+json')
    ? null
    : `503 that is no problem document ${text.slice(0, 200)}`
}

export const createClient = ({ bases, random, tally, signal, giveUpMs }: ClientOptions) => {
  const attempt = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const limit = limitedSignal(signal, attemptMs)
    const response = await fetch(random.pick(bases) + path, { method, headers, body, signal: limit })
    return { response, text: await response.text() }
  }

  const count = (what: string): void => {
    tally.answers[what] = (tally.answers[what] ?? 0) + 1
  }

  /** An answer that counts, or why there was none. */
  const oneTry = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<{ reply?: Reply<unknown>; why: string }> => {
    try {
      const { response, text } = await attempt(method, path, headers, body)
      const { status } = response
      const parsed = parse(text)
      count(String(status))
      const offence = offenceOf(status, response.headers, text)
      if (offence) tally.offences.push(`${new Date().toISOString()} ${method} ${path}: ${offence}`)
      return isPassing(status, parsed) ? { why: `${status} ${text.slice(0, 300)}` } : { reply: { status, body: parsed }, why: '' }
    } catch (error) {
      count(error instanceof Error && error.name === 'TimeoutError' ? 'no answer' : 'no connection')
      return { why: String(error) }
    }
  }

  /** One request to its answer. @throws where none came in time */
  const request = async <Body>(
    method: string,
    path: string,
    { body, headers = {} }: { body?: Json | string; headers?: Record<string, string> } = {},
  ) => {
    const end = Date.now() + giveUpMs
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const type: Record<string, string> = typeof body === 'object' ? { 'content-type': 'application/json' } : {}
    let last = ''
    while (Date.now() < end) {
      signal.throwIfAborted()
      const { reply, why } = await oneTry(method, path, { ...type, ...headers }, sent)
      if (reply) return reply as Reply<Body>
      last = why
      await sleep(pauseMs + pauseMs * random.next())
    }
    throw new Error(`${method} ${path} was tried for ${giveUpMs / 1000} s; last: ${last}`)
  }

  /** A request that must succeed. */
  const expect = async <Body>(status: number, method: string, path: string, options: Parameters<typeof request>[2] = {}): Promise<Body> => {
    const reply = await request<Body>(method, path, options)
    if (reply.status !== status) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body).slice(0, 1000)}`)
    return reply.body
  }
  const get = <Body>(path: string): Promise<Body> => expect<Body>(200, 'GET', path)

  return { request, expect, get }
}

export type Client = ReturnType<typeof createClient>

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
