import { Problem } from '../../contracts/error-codes.ts'
import type { Share } from './progress.ts'

/** How long a large body waits for its turn, in milliseconds. */
const longestWaitMs = 10_000

/**
 * Bytes of large bodies that this process holds at a time. Who finds none left waits, first come, first served, and is told
 * to come again if that takes too long.
 */
export const createBodyBudget = (bytes: number, waitMs = longestWaitMs) => {
  const waiting: { size: number; start: () => void }[] = []
  let left = bytes

  const startNext = (): void => {
    for (let next = waiting[0]; next && next.size <= left; next = waiting[0]) {
      waiting.shift()
      left -= next.size
      next.start()
    }
  }

  const isWaitedFor = (): boolean => waiting.length > 0

  /** Takes `size` bytes; `giveBack` works once. @throws Problem UNAVAILABLE if that takes too long */
  const take = async (size: number): Promise<Share> => {
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const entry = { size: Math.min(size, bytes), start }
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(entry), 1)
        reject(new Problem('UNAVAILABLE', 'Too many large bodies at once; send this one again in a moment'))
        startNext()
      }, waitMs)
      waiting.push(entry)
      startNext()
    })
    let held = Math.min(size, bytes)
    const giveBack = (): void => {
      left += held
      held = 0
      startNext()
    }
    return { isWaitedFor, giveBack }
  }

  return { take }
}

export type BodyBudget = ReturnType<typeof createBodyBudget>
