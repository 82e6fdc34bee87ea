import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from './child-host.ts'
import type { Methods } from './messages.ts'

export type ChildPoolOptions<Served extends Methods> = {
  /** Absolute path of the children's entry. */
  entry: string
  args?: string[]
  /** Environment of the n-th child: its device, for instance. */
  env: (slot: number) => NodeJS.ProcessEnv
  /** How many children are kept loaded. */
  size: number
  /** Resident bytes above which a child is replaced after a job: native memory that nothing else gives back. */
  recycleAboveBytes: number
  onError: (error: Error, slot: number) => void
  /** The first child, if it has been started already. */
  first?: Child<Served> | undefined
}

/** A child in hand: `keep` it for the next job, or `discard` it. One of both must be called. */
export type Lent<Served extends Methods> = { child: Child<Served>; keep: (rss: number) => void; discard: () => Promise<void> }

const retryDelaysMs = [0, 500, 2000, 5000, 15_000]

/** Keeps children loaded before anything needs them, and replaces those that died or grew too large. */
export const createChildPool = <Served extends Methods>({
  entry,
  args,
  env,
  size,
  recycleAboveBytes,
  onError,
  first,
}: ChildPoolOptions<Served>) => {
  const closing = new AbortController()
  const children: (Child<Served> | undefined)[] = Array.from({ length: size }, () => undefined)
  const free: number[] = []
  const waiting: ((slot: number) => void)[] = []

  const offer = (slot: number): void => {
    const next = waiting.shift()
    if (next) next(slot)
    else free.push(slot)
  }

  /** Starts a child in a slot until one has loaded, then offers the slot. */
  const fill = async (slot: number, started?: Child<Served>): Promise<void> => {
    for (let failures = 0; !closing.signal.aborted; failures++) {
      const child = failures === 0 && started ? started : startChild<Served>({ entry, args, env: env(slot) })
      children[slot] = child
      try {
        await child.ready()
        void child.exited.then(() => replaceIdle(slot, child))
        return offer(slot)
      } catch (error) {
        if (closing.signal.aborted) return
        onError(error as Error, slot)
        await sleep(retryDelaysMs[Math.min(failures, retryDelaysMs.length - 1)], undefined, { signal: closing.signal }).catch(() => {})
      }
    }
  }

  const replace = async (slot: number): Promise<void> => {
    await children[slot]?.kill()
    children[slot] = undefined
    if (!closing.signal.aborted) void fill(slot)
  }

  /** A child that died while nobody held it: the next job is to find one loaded. */
  const replaceIdle = (slot: number, child: Child<Served>): void => {
    const at = free.indexOf(slot)
    if (at < 0 || children[slot] !== child || closing.signal.aborted) return
    free.splice(at, 1)
    onError(new Error('a child process died while it waited for work'), slot)
    void replace(slot)
  }

  const nextSlot = (signal: AbortSignal): Promise<number | null> =>
    new Promise((resolve) => {
      const slot = free.shift()
      if (slot !== undefined) return resolve(slot)
      const take = (offered: number): void => {
        signal.removeEventListener('abort', giveUp)
        resolve(offered)
      }
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(take), 1)
        resolve(null)
      }
      waiting.push(take)
      signal.addEventListener('abort', giveUp, { once: true })
    })

  /** The next loaded child, waiting for one if need be; null once the signal aborts. */
  const take = async (signal: AbortSignal): Promise<Lent<Served> | null> => {
    while (!signal.aborted) {
      const slot = await nextSlot(signal)
      if (slot === null) return null
      const child = children[slot]
      if (!child || child.isGone()) {
        void replace(slot)
        continue
      }
      const keep = (rss: number): void => {
        if (child.isGone() || rss > recycleAboveBytes) void replace(slot)
        else offer(slot)
      }
      return { child, keep, discard: () => replace(slot) }
    }
    return null
  }

  /** Ends every child at once. */
  const close = async (): Promise<void> => {
    closing.abort()
    await Promise.all(children.map((child) => child?.kill()))
  }

  for (let slot = 0; slot < size; slot++) void fill(slot, slot === 0 ? first : undefined)
  return {
    take,
    close,
    /** Children that are loaded and that nobody holds. */
    idle: (): number => free.length,
    pids: (): number[] => children.flatMap((child) => (child?.pid && !child.isGone() ? [child.pid] : [])),
  }
}

export type ChildPool<Served extends Methods> = ReturnType<typeof createChildPool<Served>>
