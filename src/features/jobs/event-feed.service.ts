/** The events of a job as they come: first those that are stored, then each new one, until the job is final. */
import type { EventResource } from '../../api/event.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { isTerminal } from '../../contracts/lifecycle.ts'
import { channels } from '../../contracts/queue.ts'
import type { Notifications } from '../../platform/db/notifications.ts'
import type { JobRepository } from './job.repository.ts'
import type { ResultsRepository } from './results.repository.ts'

type Collaborators = {
  jobs: Pick<JobRepository, 'findState'>
  results: Pick<ResultsRepository, 'events'>
  notifications: Pick<Notifications, 'watch'>
  /** After so long without an event the feed gives an empty page, and looks whether the job is still there. */
  quietMs?: number
}

export type FeedOptions = {
  /** Only events with a greater `seq`. */
  after: number
  /** Ends the feed at once. */
  signal: AbortSignal
}

/** Events read from the database at a time. */
const pageSize = 500

export const createEventFeed = ({ jobs, results, notifications, quietMs = 15_000 }: Collaborators) => {
  const readPage = createSharedRead((id, after) => results.events(id, { after, limit: pageSize }))

  /**
   * Pages of events, in order and without loss; an empty page says that nothing happened for a while. Ends after the
   * event that makes the job final. Null if nothing is left to tell: the job is final, and `after` its last event.
   * @throws Problem NOT_FOUND if the tenant has no such job
   */
  const follow = async (tenant: string, id: string, options: FeedOptions): Promise<AsyncIterable<EventResource[]> | null> => {
    const job = await jobs.findState(tenant, id)
    if (!job) throw new Problem('NOT_FOUND', `There is no job ${id}`)
    // A job is final in the same transaction as its last event is stored: read after it, the events are all there.
    const over = isTerminal(job.status) && (await results.events(id, { after: options.after, limit: 1 })).length === 0
    return over ? null : pages(tenant, id, options)
  }

  async function* pages(tenant: string, id: string, { after, signal }: FeedOptions): AsyncGenerator<EventResource[]> {
    // Watched before read, so that no event falls in between. Here, since what was never read from is never closed either.
    const watch = notifications.watch(channels.job, id)
    try {
      let last: number | null = after
      let over = false
      for (;;) {
        last = yield* stored(id, last, signal)
        if (last === null || over) return
        if (await watch.next({ timeoutMs: quietMs, signal })) continue
        if (signal.aborted) return
        yield []
        // A client that named an event yet to come, or read so slowly that the job was deleted, sees no last event.
        over = await isOver(tenant, id)
      }
    } finally {
      watch.close()
    }
  }

  /** What is stored after a number. Returns the number to go on from; null if there is nothing to go on to. */
  async function* stored(id: string, after: number, signal: AbortSignal): AsyncGenerator<EventResource[], number | null> {
    for (let last = after; !signal.aborted; ) {
      const page = await readPage(id, last)
      if (page.length > 0) yield page
      if (page.some(isLast)) return null
      last = page.at(-1)?.seq ?? last
      if (page.length < pageSize) return last
    }
    return null
  }

  const isOver = async (tenant: string, id: string): Promise<boolean> => {
    const job = await jobs.findState(tenant, id)
    return !job || isTerminal(job.status)
  }

  return { follow }
}

export type EventFeed = ReturnType<typeof createEventFeed>

/**
 * Lets streams that one notification wakes share what they read, if they are equally far. Only those of the same turn of the event loop: a
 * read that another notification comes after may have begun before what that one tells of.
 */
const createSharedRead = (read: (id: string, after: number) => Promise<EventResource[]>): typeof read => {
  const begun = new Map<string, Promise<EventResource[]>>()
  return (id, after) => {
    const key = `${id} ${after}`
    const known = begun.get(key)
    if (known) return known
    const page = read(id, after)
    begun.set(key, page)
    process.nextTick(() => begun.delete(key))
    return page
  }
}

/** The events that a job never outlives have the names of the final states. */
const isLast = ({ type }: EventResource): boolean => isTerminal(type)
