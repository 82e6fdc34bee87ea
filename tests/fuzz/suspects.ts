/** Finds out which of the last requests it was that ended the API process, by sending them again one by one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, type FuzzCase } from './case.ts'
import { exchange } from './exchange.ts'
import type { Target } from './target.ts'

/** Requests that are remembered. */
const maxRecent = 60
/** A process that dies of a request does so within this time. */
const dyingMs = 80

export const watchDeaths = (target: Target, limitMs: number, onDeath: (what: string) => void) => {
  const recent: FuzzCase[] = []
  let pid = target.apiPid()
  let investigation: Promise<void> | undefined

  const died = async (): Promise<boolean> => {
    await sleep(dyingMs)
    const now = target.apiPid()
    if (now === pid) return false
    await target.healthy()
    pid = target.apiPid()
    return true
  }

  /** The whole sequence up to the request that does it again: some need others before them. */
  const investigate = async (suspects: readonly FuzzCase[]): Promise<void> => {
    await target.healthy()
    if (!(await died())) return
    for (const [index, one] of suspects.entries()) {
      await exchange(target.port, one, target.ids, limitMs)
      if (!(await died())) continue
      const keyed = one.headers.find(([name]) => name === 'idempotency-key')?.[1]
      const before = suspects
        .slice(0, index)
        .filter(({ headers }) => keyed && headers.some(([name, value]) => name === 'idempotency-key' && value === keyed))
      onDeath(`the API process died\n  ${[...before, one].map(describe).join('\n  ')}`)
      return
    }
    onDeath('the API process died, and none of the last requests does it again')
  }

  return {
    remember: (one: FuzzCase): void => {
      recent.push(one)
      if (recent.length > maxRecent) recent.shift()
    },
    /** Resolves at once unless a death is being looked into. */
    quiet: async (): Promise<void> => investigation,
    /** Looks into it where the process has died. */
    look: (): Promise<void> => {
      investigation ??= investigate([...recent]).finally(() => {
        investigation = undefined
        recent.length = 0
      })
      return investigation
    },
  }
}
