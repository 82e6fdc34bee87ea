/** Requests to the service: with the key, repeated if they fail for a reason that passes, and every refusal as an ApiError. */
import { errorOf, NotFoundError, TrainyardError } from '../errors.ts'
import { type Answer, createAnswer, createDeadline } from './answer.ts'
import { addressOf, type Query } from './query.ts'
import { repeat } from './retry.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What any call takes besides its own arguments. */
export type CallOptions = {
  /** Gives the call up; it throws the signal's reason. What the service has begun it goes on with. */
  signal?: AbortSignal | undefined
  /** Makes a POST safe to repeat across programs; without it each call has a key of its own. */
  idempotencyKey?: string | undefined
}

export type CallRequest = CallOptions & {
  query?: Query | undefined
  /** Objects are sent as JSON; texts, bytes and Blobs as they are, with a `content-type` in `headers`. */
  body?: unknown
  headers?: Record<string, string>
  /** How long the service may be silent, if not `timeoutMs`; in milliseconds. */
  maxSilenceMs?: number
}

export type TransportOptions = {
  url: string
  apiKey: string | undefined
  fetch: typeof globalThis.fetch
  timeoutMs: number
  maxRetries: number
}

/** What timers can count, in milliseconds. */
const longestMs = 2 ** 31 - 1
/** The slowest line on which bodies of any size arrive in time, in bytes a millisecond. */
const slowestBytesPerMs = 32

export const createTransport = ({ url, apiKey, fetch, timeoutMs, maxRetries }: TransportOptions) => {
  /**
   * Sends a request until it succeeds or cannot, and hands its answer to `read`, whose failures count as the request's.
   * @throws ApiError, ConnectionError, or the signal's reason
   */
  const call = async <Value>(
    method: Method,
    path: string,
    request: CallRequest,
    read: (answer: Answer) => Promise<Value>,
  ): Promise<Value> => {
    const sent = toSent(method, request)
    const once = async (attempt: number): Promise<Value> => {
      try {
        return await read(await sendOnce(method, path, request, sent))
      } catch (error) {
        // The first attempt did it, and its answer was lost.
        if (attempt > 0 && method === 'DELETE' && error instanceof NotFoundError) return undefined as Value
        throw error
      }
    }
    return repeat(once, { maxRetries, signal: request.signal })
  }

  const sendOnce = async (method: Method, path: string, request: CallRequest, sent: Sent): Promise<Answer> => {
    const silenceMs = Math.min(longestMs, request.maxSilenceMs ?? timeoutMs)
    const deadline = createDeadline(url, request.signal)
    const ms = Math.min(longestMs, silenceMs + sizeOf(sent.body) / slowestBytesPerMs)
    const headers = { ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...sent.headers }
    const options = { method, headers, body: sent.body, signal: deadline.signal, redirect: 'manual' as const }
    try {
      const response = await deadline.within(ms, () => fetch(addressOf(url, path, request.query), options))
      const answer = createAnswer(response, deadline, silenceMs)
      if (!response.ok) throw errorOf(response, await answer.text())
      return answer
    } catch (error) {
      deadline.release()
      throw error
    }
  }

  /** The JSON of an answer. */
  const json = <Value>(method: Method, path: string, request: CallRequest = {}): Promise<Value> =>
    call(method, path, request, async (answer) => parse(await answer.text()) as Value)

  /** An answer whose body is read elsewhere; only the beginning is repeated if it fails. */
  const open = (method: Method, path: string, request: CallRequest = {}): Promise<Answer> =>
    call(method, path, request, async (answer) => answer)

  return { call, json, open, timeoutMs, url }
}

export type Transport = ReturnType<typeof createTransport>

const parse = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch (error) {
    throw new TrainyardError('The answer is no JSON: does the url lead to a Trainyard service?', { cause: error })
  }
}

type Raw = string | Blob | Uint8Array<ArrayBuffer>
type Sent = { headers: Record<string, string>; body: Raw | undefined }

/** Made once, so that every attempt is the same request under the same key. */
const toSent = (method: Method, { body, headers = {}, idempotencyKey }: CallRequest): Sent => {
  const key: Record<string, string> = method === 'POST' ? { 'idempotency-key': idempotencyKey ?? newKey() } : {}
  if (body === undefined || isRaw(body)) return { headers: { ...key, ...headers }, body }
  return { headers: { 'content-type': 'application/json', ...key, ...headers }, body: JSON.stringify(body) }
}

const isRaw = (body: unknown): body is Raw => typeof body === 'string' || body instanceof Blob || body instanceof Uint8Array

const sizeOf = (body: Raw | undefined): number =>
  body === undefined ? 0 : typeof body === 'string' ? body.length : body instanceof Blob ? body.size : body.byteLength

/** Not `randomUUID`, which pages of plain http do not have. */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
