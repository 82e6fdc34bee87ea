/**
 * A signal that aborts with another, or with a TimeoutError after so many milliseconds. Node 20 lets go of an AbortSignal.timeout that
 * only AbortSignal.any knows of, and then nothing ever aborts; a timer of its own is held until it fires.
 */
export const limitedSignal = (signal: AbortSignal, limitMs: number): AbortSignal => {
  const limit = new AbortController()
  setTimeout(() => limit.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), limitMs).unref()
  return AbortSignal.any([signal, limit.signal])
}
