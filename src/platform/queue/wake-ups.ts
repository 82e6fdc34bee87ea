/**
 * Wake-ups: a BullMQ job that says "there is work" and carries nothing but an id. The row is the truth, so a wake-up may be
 * lost, doubled or late; whoever hears one asks the database what to do. The same code runs on Redis and on PostgreSQL.
 */
import { randomUUID } from 'node:crypto'
import type { JobsOptions } from 'bullmq'
import { withTimeout } from '../with-timeout.ts'
import { createListener, type Listener, type WakeUpHandler } from './listener.ts'
import { openPostgresQueue } from './postgres-backend.ts'
import type { QueueBackend, WakeUpQueue } from './queue-backend.ts'
import { openRedisQueue } from './redis-backend.ts'

export type WakeUpsOptions = {
  databaseUrl: string
  /** Set: wake-ups travel through Redis; unset: on PostgreSQL. */
  redisUrl?: string | undefined
  /** Told about lost connections and failed handlers; the wake-ups go on by themselves. */
  onError?: (error: Error) => void
}

/** How long sending or asking may take before the backend counts as away. */
const timeoutMs = 1000

/** Wake-ups that are sent in one go. */
const sentAtOnce = 100

/** One attempt, since the reconciler sends another; nothing stays behind. */
const disposable: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true }

/** Opens the wake-ups. On PostgreSQL its tables (schema `bullmq`) are brought up to date first, under a lock. */
export const createWakeUps = async ({ databaseUrl, redisUrl, onError = () => {} }: WakeUpsOptions) => {
  const backend: QueueBackend = redisUrl ? openRedisQueue(redisUrl, onError) : await openPostgresQueue(databaseUrl, onError)
  const queues = new Map<string, WakeUpQueue>()
  const listeners = new Set<Listener>()

  const queue = (name: string): WakeUpQueue => {
    const known = queues.get(name) ?? backend.createQueue(name)
    queues.set(name, known)
    return known
  }

  /** A queue whose first contact failed never recovers by itself: the next call makes a new one. */
  const forget = (name: string): void => {
    const broken = queues.get(name)
    queues.delete(name)
    void broken?.close().catch(() => {})
  }

  /**
   * Says that there is work for `id`. Never throws and takes at most a second.
   * @returns false if the backend is away: the row stays, and the reconciler sends one later
   */
  const notify = async (name: string, id: string): Promise<boolean> => {
    if (!backend.isReachable()) return false
    try {
      await withTimeout(timeoutMs, queue(name).add('wakeUps', { v: 1, id }, { ...disposable, jobId: randomUUID() }))
      return true
    } catch (error) {
      forget(name)
      onError(asError(error))
      return false
    }
  }

  /** Says so of many, a hundred in one go. Never throws; false if the backend went away. */
  const notifyAll = async (name: string, ids: readonly string[]): Promise<boolean> => {
    try {
      for (let at = 0; at < ids.length; at += sentAtOnce) {
        if (!backend.isReachable()) return false
        const jobs = ids
          .slice(at, at + sentAtOnce)
          .map((id) => ({ name: 'wakeUps', data: { v: 1, id } as const, opts: { ...disposable, jobId: randomUUID() } }))
        await withTimeout(timeoutMs, queue(name).addBulk(jobs))
      }
      return true
    } catch (error) {
      forget(name)
      onError(asError(error))
      return false
    }
  }

  /** Wake-ups that nobody has heard yet; 0 if the backend is away. Takes at most a second. */
  const waiting = async (name: string): Promise<number> => {
    if (!backend.isReachable()) return 0
    try {
      return await withTimeout(timeoutMs, queue(name).getWaitingCount())
    } catch (error) {
      forget(name)
      onError(asError(error))
      return 0
    }
  }

  /** Calls the handler for each wake-up, at most `concurrency` at a time. If the backend is away it starts when that comes back. */
  const listen = (name: string, { concurrency }: { concurrency: number }, handler: WakeUpHandler): Listener => {
    const listener = createListener({
      backend,
      name,
      concurrency,
      handler,
      passOn: (id) => notify(name, id),
      onError: (error) => onError(asError(error)),
    })
    listeners.add(listener)
    return {
      ...listener,
      close: () => {
        listeners.delete(listener)
        return listener.close()
      },
    }
  }

  /** Closes every listener, then the connections. */
  const close = async (): Promise<void> => {
    await Promise.all([...listeners].map((listener) => listener.close()))
    await Promise.all([...queues.values()].map((one) => withTimeout(timeoutMs, one.close()).catch(() => {})))
    await backend.close()
  }

  return { notify, notifyAll, waiting, listen, close, isReachable: backend.isReachable, kind: backend.kind }
}

export type WakeUps = Awaited<ReturnType<typeof createWakeUps>>

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
