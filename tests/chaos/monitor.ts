/** Asks every address of the service again and again, and remembers when it answered. */
import { setTimeout as sleep } from 'node:timers/promises'

const everyMs = 200
const timeoutMs = 5000

export type Look = { base: string; at: number; ms: number; status: number | null }

export const startMonitor = (bases: readonly string[]) => {
  const looks: Look[] = []
  const over = new AbortController()

  const look = async (base: string): Promise<void> => {
    while (!over.signal.aborted) {
      const at = Date.now()
      const status = await fetch(`${base}/v1/jobs?limit=1`, { signal: AbortSignal.timeout(timeoutMs) })
        .then(async (response) => {
          await response.arrayBuffer()
          return response.status
        })
        .catch(() => null)
      looks.push({ base, at, ms: Date.now() - at, status })
      await sleep(everyMs, undefined, { signal: over.signal }).catch(() => {})
    }
  }
  const running = Promise.all(bases.map(look))

  return {
    looks: looks as readonly Look[],
    /** The first moment after `after` from which every address has answered; undefined where one has not. */
    answeringSince: (after: number): number | undefined => {
      const times = bases.map((base) => looks.find((one) => one.base === base && one.status === 200 && one.at >= after))
      return times.every((one) => one !== undefined) ? Math.max(...times.map((one) => (one ? one.at + one.ms : 0))) : undefined
    },
    close: async (): Promise<void> => {
      over.abort()
      await running
    },
  }
}

export type Monitor = ReturnType<typeof startMonitor>
