/** Clients that submit one job after the other, all kinds in turn, until told that it is enough. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from './random.ts'
import type { Done, Order, Submitter } from './submitter.ts'
import { kinds } from './workload.ts'

export type CrowdOptions = {
  submitter: Submitter
  random: Random
  kinds: readonly string[]
  variants: number
  clients: number
  /** So many must succeed. */
  jobs: number
  signal: AbortSignal
}

/** Every so many orders one is cancelled; no multiple of the number of kinds, so that each is met. */
const cancelEvery = 11

export const startCrowd = ({ submitter, random, kinds: names, variants, clients, jobs, signal }: CrowdOptions) => {
  const done: Done[] = []
  const troubles: string[] = []
  const inHand = new Set<string>()
  let number = 0
  let enough = false

  const isDone = (): boolean => troubles.length > 0 || done.filter(({ status }) => status === 'succeeded').length >= jobs

  const nextOrder = (): Order => {
    number += 1
    const kind = names[number % names.length] ?? ''
    const variant = random.between(0, variants - 1)
    const work = kinds[kind]?.(variant) ?? { config: {} }
    return { name: `${kind}/${variant}`, key: `${kind}-${number}`, work, cancel: number % cancelEvery === cancelEvery >> 1 }
  }

  const work = async (): Promise<void> => {
    while (!signal.aborted && !(enough && isDone())) {
      const order = nextOrder()
      inHand.add(order.key)
      try {
        done.push(...(await submitter.carryOut(order)))
      } catch (error) {
        troubles.push(`${order.key}: ${error instanceof Error ? error.message : error}`)
        return
      } finally {
        inHand.delete(order.key)
      }
    }
  }
  const working = Promise.all(Array.from({ length: clients }, work))

  /** No more jobs than are needed; resolves when all have ended, or after so long. */
  const finish = async (withinMs: number): Promise<void> => {
    enough = true
    const limit = new AbortController()
    const late = sleep(withinMs, true, { signal: limit.signal }).catch(() => false)
    if ((await Promise.race([working, late])) === true)
      troubles.push(`${withinMs / 1000} s after the last fault these had not ended: ${[...inHand].join(', ')}`)
    limit.abort()
    if (!isDone()) troubles.push(`fewer than ${jobs} jobs succeeded`)
  }

  return { done: done as readonly Done[], troubles: troubles as readonly string[], isDone, finish }
}
