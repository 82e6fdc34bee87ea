import { setTimeout as sleep } from 'node:timers/promises'

/** How long a failing database is tried: as long as the lease may stand. */
const retryDelaysMs = [100, 300, 600, 1000, 1500]

/** What the attempt gives, or the last one throws. */
export const withRetries = async <T>(attempt: () => Promise<T>): Promise<T> => {
  for (const delay of retryDelaysMs) {
    try {
      return await attempt()
    } catch {
      await sleep(delay)
    }
  }
  return attempt()
}
