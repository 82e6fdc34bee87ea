/** How one who waits is woken, without missing what happens between two waits. */

/** Resolves true when woken (also by a wake-up since the last call), false after the time or when the signal aborts. */
export type NextWakeUp = (options: { timeoutMs: number; signal?: AbortSignal }) => Promise<boolean>

/** A wake-up that is remembered until it is waited for. `release` ends a wait, and is no wake-up. */
export const createWakeUp = (): { wake: () => void; next: NextWakeUp; release: () => void } => {
  let woken = false
  let waiting: (() => void) | undefined
  const release = (): void => waiting?.()

  const wake = (): void => {
    woken = true
    release()
  }

  const next: NextWakeUp = ({ timeoutMs, signal }) =>
    new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        waiting = undefined
        resolve(woken)
        woken = false
      }
      const timer = setTimeout(finish, timeoutMs)
      signal?.addEventListener('abort', finish)
      waiting = finish
      if (woken || signal?.aborted) finish()
    })

  return { wake, next, release }
}
