/** Asks the database again that failed: what was sent and is not kept would be sent twice. */
import { setTimeout as sleep } from 'node:timers/promises'

/** How long, about as long as the lease of a delivery holds; and how long once the process is to close. */
const patienceMs = 15_000
const closingMs = 2000
const firstPauseMs = 50
const longestPauseMs = 1000

/** What a statement gives that may be said twice. @throws what it fails with in the end */
export const insist = async <T>(say: () => Promise<T>, closing: AbortSignal): Promise<T> => {
  const begun = performance.now()
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await say()
    } catch (error) {
      if (performance.now() - begun + pauseMs > (closing.aborted ? closingMs : patienceMs)) throw error
      // Those who failed together come back apart.
      await sleep(pauseMs * (0.5 + Math.random()))
    }
  }
}
