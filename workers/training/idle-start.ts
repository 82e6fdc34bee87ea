/** Work that a worker finds by itself while it is idle, without a wake-up. */
import type { ChildPool } from '../rpc/child-pool.ts'
import type { Processor } from './processor.ts'
import type { TrainingMethods } from './protocol.ts'

export type IdleStartOptions = {
  /** Where children may be idle. */
  pools: Pick<ChildPool<TrainingMethods>, 'idle'>[]
  /** Claims and trains on a child that is free; none waits for one. */
  processors: Processor[]
  onError: (error: unknown) => void
}

/** Trains job after job until none is runnable. `onClaimed`: who finds one calls the next idle child, since there may be more. */
export const trainAll = async ({ process }: Processor, signal: AbortSignal, onClaimed: () => void): Promise<void> => {
  for (let isMore = true; isMore && !signal.aborted; ) isMore = await process(signal, { onClaimed })
}

export const createIdleStart = ({ pools, processors, onError }: IdleStartOptions) => {
  const closing = new AbortController()
  const running = new Set<Promise<void>>()

  /** Job after job until none is left. */
  const work = async (): Promise<void> => {
    for (const processor of processors) await trainAll(processor, closing.signal, () => start(1))
  }

  /** Starts work on so many children, or on as many as are idle. Gives how many. */
  const start = (jobs: number): number => {
    const count = Math.min(
      jobs,
      pools.reduce((sum, pool) => sum + pool.idle(), 0),
    )
    for (let index = 0; index < count; index += 1) {
      const started = work()
        .catch(onError)
        .finally(() => running.delete(started))
      running.add(started)
    }
    return count
  }

  /** Hands back what was started here. */
  const close = async (): Promise<void> => {
    closing.abort()
    await Promise.all(running)
  }

  return { start, close }
}
