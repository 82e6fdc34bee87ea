/** An answer whose body comes chunk by chunk, for as long as the service is not silent for too long. */
import { ConnectionError, TimeoutError } from '../errors.ts'

export type Answer = {
  status: number
  headers: Headers
  /** The body as it arrives; to be read once. @throws ConnectionError if it breaks off */
  chunks: () => AsyncGenerator<Uint8Array>
  bytes: () => Promise<Uint8Array<ArrayBuffer>>
  text: () => Promise<string>
}

/** Ends one attempt: when its caller gives up, or when nothing comes from `url` for too long. */
export const createDeadline = (url: string, signal: AbortSignal | undefined) => {
  const controller = new AbortController()
  const giveUp = (): void => controller.abort(signal?.reason)
  if (signal?.aborted) giveUp()
  else signal?.addEventListener('abort', giveUp, { once: true })

  /** What a piece of work gives, if that takes less than so many milliseconds. */
  const within = async <Value>(ms: number, work: () => Promise<Value>): Promise<Value> => {
    const timer = setTimeout(() => controller.abort(new TimeoutError(`Nothing came from ${url} within ${Math.round(ms / 1000)} s`)), ms)
    try {
      return await work()
    } catch (error) {
      if (controller.signal.aborted) throw controller.signal.reason
      throw new ConnectionError(`${url} cannot be reached: ${causeOf(error)}`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }
  const release = (): void => signal?.removeEventListener('abort', giveUp)
  return { signal: controller.signal, within, release }
}

export type Deadline = ReturnType<typeof createDeadline>

/** `maxSilenceMs` is how long the body may pause. */
export const createAnswer = ({ status, headers, body }: Response, deadline: Deadline, maxSilenceMs: number): Answer => {
  if (!body) deadline.release()
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const reader = body?.getReader()
    try {
      while (reader) {
        const { done, value } = await deadline.within(maxSilenceMs, () => reader.read())
        if (done) return
        yield value
      }
    } finally {
      deadline.release()
      await reader?.cancel().catch(() => {})
    }
  }

  const bytes = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const parts: Uint8Array[] = []
    for await (const chunk of chunks()) parts.push(chunk)
    return joined(parts)
  }

  return { status, headers, chunks, bytes, text: async () => new TextDecoder().decode(await bytes()) }
}

/** What an answer calls its file. */
export const fileNameOf = (headers: Headers): string | undefined =>
  /filename="?([^";]+)"?/.exec(headers.get('content-disposition') ?? '')?.[1]

/** Several pieces as one. */
export const joined = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}

/** Node hides why behind `fetch failed`. */
const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && cause.message !== ''
    ? cause.message
    : cause instanceof Error && 'code' in cause
      ? String(cause.code)
      : error.message
}
