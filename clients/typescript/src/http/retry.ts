/** When a request that failed is sent again. */
import { ApiError, ConnectionError } from '../errors.ts'

/** Milliseconds between attempts: at first about, and at most. */
const firstDelayMs = 500
const maxDelayMs = 8000
/** A service that wants to be left alone for longer than this is not waited for: whoever called decides. */
const maxRetryAfterSeconds = 60

export type RepeatOptions = { maxRetries: number; signal: AbortSignal | undefined }

/** What a piece of work gives, which is done again while it fails for a reason that passes; `attempt` counts from 0. */
export const repeat = async <Value>(
  work: (attempt: number) => Promise<Value>,
  options: RepeatOptions,
  attempt: number = 0,
): Promise<Value> => {
  try {
    return await work(attempt)
  } catch (error) {
    const isLast = attempt >= options.maxRetries || options.signal?.aborted
    const delayMs = isLast ? undefined : delayBeforeRetry(error, attempt)
    if (delayMs === undefined) throw error
    await sleep(delayMs, options.signal)
  }
  return repeat(work, options, attempt + 1)
}

/** Resolves after so many milliseconds. @throws the signal's reason once it aborts */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((done, failed) => {
    signal?.throwIfAborted()
    const wake = (): void => {
      signal?.removeEventListener('abort', giveUp)
      done()
    }
    const timer = setTimeout(wake, ms)
    const giveUp = (): void => {
      clearTimeout(timer)
      failed(signal?.reason)
    }
    signal?.addEventListener('abort', giveUp, { once: true })
  })

const isTransient = (error: unknown): boolean => {
  if (error instanceof ConnectionError) return true
  if (!(error instanceof ApiError)) return false
  return [429, 502, 503].includes(error.status) || error.code === 'IDEMPOTENCY_IN_PROGRESS'
}

/**
 * Milliseconds to wait before the next attempt, `attempt` counting from 0; undefined if another one cannot help. All requests may be
 * repeated: POSTs carry an Idempotency-Key, PUTs and DELETEs do the same twice.
 */
const delayBeforeRetry = (error: unknown, attempt: number): number | undefined => {
  const after = error instanceof ApiError ? error.retryAfter : undefined
  if (!isTransient(error) || (after ?? 0) > maxRetryAfterSeconds) return undefined
  // Jitter, so that clients that failed together do not come back together.
  const backoff = Math.min(maxDelayMs, firstDelayMs * 2 ** attempt) * (0.5 + Math.random() / 2)
  return after === undefined ? backoff : after * 1000 + Math.random() * firstDelayMs
}
