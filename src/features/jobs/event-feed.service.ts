/** The events of a job as they come: first those that are stored, then each new one, until the job is final. */
import type { EventResource } from '../../api/event.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { isTerminal } from '../../contracts/lifecycle.ts'
import { eventPage, type JobWatcher, type JobWatchers } from './job-watchers.ts'

type Collaborators = {
  watchers: Pick<JobWatchers, 'join'>
  /** After so long without an event the feed gives an empty page, and looks whether the job is still there. */
  quietMs?: number
}

export type FeedOptions = {
  /** Only events with a greater `seq`. */
  after: number
  /** Ends the feed at once. */
  signal: AbortSignal
}

export const createEventFeed = ({ watchers, quietMs = 15_000 }: Collaborators) => {
  /**
   * Pages of events, in order and without loss; an empty page says that nothing happened for a while. Ends after the
   * event that makes the job final. Null if nothing is left to tell: the job is final, and `after` its last event.
   * @throws Problem NOT_FOUND if the tenant has no such job
   */
  const follow = async (tenant: string, id: string, options: FeedOptions): Promise<AsyncIterable<EventResource[]> | null> => {
    const watcher = watchers.join(id)
    try {
      const job = await watcher.job(tenant)
      if (!job) throw new Problem('NOT_FOUND', `There is no job ${id}`)
      // A job is final in the same transaction as its last event is stored: read after it, the events are all there.
      const isOver = isTerminal(job.status) && (await watcher.events(options.after)).length === 0
      return isOver ? null : pages(tenant, id, { ...options, isFinal: isTerminal(job.status) })
    } finally {
      watcher.leave()
    }
  }

  async function* pages(
    tenant: string,
    id: string,
    { after, signal, isFinal }: FeedOptions & { isFinal: boolean },
  ): AsyncGenerator<EventResource[]> {
    // Here, since what was never read from is never closed either.
    const watcher = watchers.join(id)
    try {
      let last: number | null = after
      // Of a job that is final only predictions are still told: those that are stored.
      let isOver = isFinal
      for (;;) {
        last = yield* stored(watcher, last, signal)
        if (last === null || isOver) return
        if (await watcher.next({ timeoutMs: quietMs, signal })) continue
        if (signal.aborted) return
        yield []
        // A client that named an event yet to come, or read so slowly that the job was deleted, sees no last event.
        const job = await watcher.job(tenant)
        isOver = !job || isTerminal(job.status)
      }
    } finally {
      watcher.leave()
    }
  }

  return { follow }
}

export type EventFeed = ReturnType<typeof createEventFeed>

/** What is stored after a number. Returns the number to go on from; null if there is nothing to go on to. */
async function* stored(watcher: JobWatcher, after: number, signal: AbortSignal): AsyncGenerator<EventResource[], number | null> {
  for (let last = after; !signal.aborted; ) {
    const page = await watcher.events(last)
    if (page.length > 0) {
      await watcher.turn()
      yield page
    }
    if (page.some(isLast)) return null
    last = page.at(-1)?.seq ?? last
    if (page.length < eventPage) return last
  }
  return null
}

/** The events that a job never outlives have the names of the final states. */
const isLast = ({ type }: EventResource): boolean => isTerminal(type)
