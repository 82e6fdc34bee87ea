/** Requests that tell how much of their body was sent: fetch cannot. */
import { keyStore, refuseKey } from './key.ts'
import { readProblem } from './problem.ts'

type Options = { headers?: Record<string, string>; signal: AbortSignal; onSent: (bytes: number) => void }

/** Sends a body to a path below `/v1` and resolves to the JSON of the answer. @throws ApiError */
export const sendFile = async <Answer>(method: 'POST' | 'PUT', path: string, body: Blob, { headers = {}, signal, onSent }: Options) => {
  const { key } = keyStore.get()
  const request = new XMLHttpRequest()
  request.open(method, `/v1${path}`)
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
  if (key !== null) request.setRequestHeader('authorization', `Bearer ${key}`)
  request.upload.addEventListener('progress', ({ loaded }) => onSent(loaded))

  const giveUp = (): void => request.abort()
  signal.addEventListener('abort', giveUp)
  try {
    await new Promise<void>((resolve, reject) => {
      request.addEventListener('load', () => resolve())
      // What fetch throws in these cases.
      request.addEventListener('error', () => reject(new TypeError('The service cannot be reached')))
      request.addEventListener('abort', () => reject(new DOMException('Given up', 'AbortError')))
      request.send(body)
    })
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
  const { status, statusText, responseText } = request
  if (status >= 200 && status < 300) return JSON.parse(responseText) as Answer
  if (status === 401) refuseKey(key)
  throw await readProblem(new Response(responseText, { status, statusText }))
}
