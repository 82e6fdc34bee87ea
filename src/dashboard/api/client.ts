/** Requests to the API: with the key, and with every answer that is not the wanted one as an ApiError. */
import { tellAnswered, tellUnanswered } from './connection.ts'
import { keyStore, refuseKey } from './key.ts'
import { ApiError, isUnanswered, readProblem } from './problem.ts'

export type RequestOptions = {
  signal?: AbortSignal
  headers?: Record<string, string>
  /** Sent to its end also if the page goes. */
  keepalive?: boolean
}

/** GET of a path below `/v1`, as JSON. @throws ApiError */
export const get = async <Answer>(path: string, options: RequestOptions = {}): Promise<Answer> => {
  const response = await open('GET', path, undefined, options)
  return response.json()
}

/**
 * A request that changes something; objects are sent as JSON, files as they are. Undefined if the answer has no body.
 * @throws ApiError
 */
export const send = async <Answer>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  options: RequestOptions = {},
): Promise<Answer | undefined> => {
  const response = await open(method, path, body, options)
  return response.status === 204 ? undefined : response.json()
}

/** The answer to any request, if it succeeds; its body is not read yet. @throws ApiError */
export const open = async (
  method: string,
  path: string,
  body?: unknown,
  { signal, headers = {}, keepalive }: RequestOptions = {},
): Promise<Response> => {
  const { key } = keyStore.get()
  const raw = body === undefined || typeof body === 'string' || body instanceof Blob || body instanceof FormData
  const response = await fetchFrom(`/v1${path}`, {
    method,
    signal,
    keepalive,
    cache: 'no-store',
    headers: { ...(raw ? {} : { 'content-type': 'application/json' }), ...keyHeader(key), ...headers },
    body: raw ? body : JSON.stringify(body),
  })
  if (response.ok) return response
  if (response.status === 401) refuseKey(key)
  throw await readProblem(response)
}

/** Saves what a path answers with as a file: a link could not send the key. @throws ApiError */
export const download = async (path: string, name: string, options: RequestOptions = {}): Promise<void> => {
  const response = await open('GET', path, undefined, options)
  const offered = /filename="?([^";]+)"?/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = offered ?? name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** True for an answer that there is no such thing. */
export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404

/** @throws ApiError if the key has letters that no header can carry: it is none of the service's */
const keyHeader = (key: string | null): Record<string, string> => {
  if (key === null) return {}
  if (/^[\x20-\x7e\x80-\xff]*$/.test(key)) return { authorization: `Bearer ${key}` }
  refuseKey(key)
  throw new ApiError(401, 'UNAUTHENTICATED', 'The service does not know this key')
}

/** Tells whether anybody answered. A request that is given up says nothing. */
const fetchFrom = async (address: string, request: RequestInit): Promise<Response> => {
  try {
    const response = await fetch(address, request)
    tellAnswered()
    return response
  } catch (error) {
    if (isUnanswered(error)) tellUnanswered()
    throw error
  }
}
