/** Lets faults happen one after the other, dealt from shuffled decks so that each kind comes up, until told to stop. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Site } from './faults/fault.ts'
import type { Monitor } from './monitor.ts'
import type { Random } from './random.ts'

export type Happened = { fault: string; at: number; endedAt: number; detail: string }

export type InjectOptions = {
  site: Site
  faults: readonly Fault[]
  random: Random
  scale: number
  monitor: Monitor
  /** Aborts when no more are wanted, whatever has happened. */
  signal: AbortSignal
  /** True once the work is done: no more than one of each kind is then needed. */
  isDone: () => boolean
  /** Whether work went on after a time, in ms of Date.now(). */
  wentOn: (since: number) => Promise<boolean>
  say: (text: string) => void
}

/** How long the service may take to go on after a fault before that counts as a failure. */
const settleMs = 90_000
/** Share of faults that are followed by the next before the service has gone on. */
const overlaps = 0.2
/** A fault that finds nothing to hit is dealt again, so often. */
const maxMisses = 5

/** @returns what happened, and what went wrong */
export const injectFaults = async ({ site, faults, random, scale, monitor, signal, isDone, wentOn, say }: InjectOptions) => {
  const happened: Happened[] = []
  const troubles: string[] = []
  const misses = new Map<string, number>()
  let deck: Fault[] = []

  const settled = async ({ fault, endedAt }: Happened): Promise<void> => {
    const end = endedAt + settleMs
    while (!(monitor.answeringSince(endedAt) && (isDone() || (await wentOn(endedAt))))) {
      if (signal.aborted) return
      if (Date.now() > end) {
        troubles.push(`${settleMs / 1000} s after ${fault} the service had not gone on`)
        return
      }
      await sleep(200)
    }
  }

  const pending = (): boolean => faults.some(({ name }) => !happened.some(({ fault }) => fault === name))

  /** False where a fault missed too often. */
  const missed = (name: string, error: unknown): boolean => {
    say(`${name} did not happen: ${error}`)
    const times = (misses.get(name) ?? 0) + 1
    misses.set(name, times)
    if (times >= maxMisses) troubles.push(`${name} did not happen in ${times} tries: ${error}`)
    return times < maxMisses
  }

  const happen = async (fault: Fault): Promise<boolean> => {
    const at = Date.now()
    try {
      const one: Happened = { fault: fault.name, at, ...(await fault.inject({ site, random, scale })) }
      happened.push(one)
      say(`${fault.name}: ${one.detail}, over after ${((one.endedAt - at) / 1000).toFixed(1)} s`)
      if (scale < 1 || random.next() >= overlaps) await settled(one)
      return true
    } catch (error) {
      return missed(fault.name, error)
    }
  }

  while (!signal.aborted && (pending() || !isDone())) {
    if (deck.length === 0) deck = random.shuffle(faults)
    await sleep(random.between(300, 2000) * Math.max(scale, 0.2))
    const fault = deck.pop()
    if (fault && !(await happen(fault))) break
  }
  return { happened, troubles }
}
