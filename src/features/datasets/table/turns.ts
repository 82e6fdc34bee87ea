/** Turns of work of which only so much is done at a time. */
import { Problem } from '../../../contracts/error-codes.ts'

type Waiting = { tenant: string; begin: () => void }

/**
 * So many at a time. The next one is of the tenant that has the fewest at work, of those the one that waits longest: however many files one
 * tenant sends, another's waits for one of them at most.
 */
export const createTurns = (most: number, timeoutMs: number) => {
  const waiting: Waiting[] = []
  const working = new Map<string, number>()
  let taken = 0

  const count = (tenant: string, by: 1 | -1): void => {
    const left = (working.get(tenant) ?? 0) + by
    if (left > 0) working.set(tenant, left)
    else working.delete(tenant)
    taken += by
  }

  const wait = (tenant: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const turn = {
        tenant,
        begin: (): void => {
          clearTimeout(timer)
          resolve()
        },
      }
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(turn), 1)
        reject(new Problem('UNAVAILABLE', 'Too many files of this kind at once; send this one again in a moment'))
      }, timeoutMs)
      waiting.push(turn)
    })

  const beginNext = (): void => {
    const atWork = ({ tenant }: Waiting): number => working.get(tenant) ?? 0
    const fewest = Math.min(...waiting.map(atWork))
    const next = waiting.find((turn) => atWork(turn) === fewest)
    if (!next) return
    waiting.splice(waiting.indexOf(next), 1)
    count(next.tenant, 1)
    next.begin()
  }

  /** Does work in its turn. @throws Problem UNAVAILABLE if that does not come in time */
  const take = async <Result>(tenant: string, work: () => Promise<Result>): Promise<Result> => {
    if (taken < most) count(tenant, 1)
    else await wait(tenant)
    try {
      return await work()
    } finally {
      count(tenant, -1)
      beginNext()
    }
  }
  return { take }
}
