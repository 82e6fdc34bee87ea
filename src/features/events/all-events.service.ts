/** The events of all jobs of a tenant: a page of them, or all as they come. */
import type { JobEventPage, JobEventResource } from '../../api/job-event.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { createSharedReads } from '../jobs/shared-reads.ts'
import { createTurns } from '../turns.ts'
import { type EventFilter, isWanted, toJobEvent } from './event.ts'
import { beforeAllEvents, type EventPlace, placeBefore, toEventId, toPlace } from './event-position.ts'
import type { EventTail, NewestEvents } from './event-tail.ts'
import type { OutboxRepository } from './outbox.repository.ts'
import type { TenantEventsRepository } from './tenant-events.repository.ts'

type Collaborators = {
  outbox: Pick<OutboxRepository, 'horizon'>
  stored: TenantEventsRepository
  tail: EventTail
  /** After so long without an event a stream gives an empty part. */
  quietMs?: number
}

/** Where to begin: after the event of this id, with what comes from now on, or at the first event. `at` is where the client said it. */
export type EventStart = { id?: string; at: '/after' | '/last-event-id' }

/** Begins with what comes from now on. */
export const latest = 'latest'

/** Some events of a stream, and the id by which to go on after them; no events if nothing happened for a while. */
export type EventPart = { events: JobEventResource[]; id: string }

/** Events of a stream that are read from the database at a time. */
const streamPage = 500
/** How long a read is good for other streams that are as far, as those that come back together are. */
const freshMs = 250
const keptReads = 20
/** Parts that are written in one turn of the event loop. */
const partsPerTurn = 50
/** How long a stream waits that has read all, and is not where the tail begins. */
const closeMs = 50

export const createAllEvents = ({ outbox, stored, tail, quietMs = 15_000 }: Collaborators) => {
  const turn = createTurns(partsPerTurn)
  const selections = new WeakMap<NewestEvents, Map<string, EventPart | undefined>>()

  /** @throws Problem VALIDATION_FAILED if the id is of no event that this database can have */
  const begin = async ({ id, at }: EventStart): Promise<{ place: EventPlace; horizon: bigint }> => {
    const { horizon, next } = await outbox.horizon()
    if (id === undefined) return { place: beforeAllEvents, horizon }
    if (id === latest) return { place: placeBefore(horizon), horizon }
    const place = toPlace(id)
    if (place.position <= next) return { place, horizon }
    const message = `must be the id of an event that was told, or "${latest}"; later ones are of another database, or of one that was restored since`
    throw new Problem('VALIDATION_FAILED', undefined, [{ path: at, code: 'unknown_event', message, value: id }])
  }

  /** A page of events, oldest first. @throws Problem VALIDATION_FAILED */
  const list = async (
    tenant: string,
    filter: EventFilter,
    { start, limit }: { start: EventStart; limit: number },
  ): Promise<JobEventPage> => {
    const { place, horizon } = await begin(start)
    const { events, next, hasMore } = await stored.page({ tenant, filter, after: place, limit, horizon })
    return { data: events.map(toJobEvent), hasMore, nextCursor: hasMore ? toEventId(next) : null }
  }

  const readStored = async (key: string) => {
    const [tenant, filter, id] = JSON.parse(key) as [string, EventFilter, string]
    const { horizon } = await outbox.horizon()
    const { events, next, hasMore } = await stored.page({ tenant, filter, after: toPlace(id), limit: streamPage, horizon })
    return { part: toPart(events, next), next, waitMs: hasMore ? 0 : closeMs }
  }
  const reads = createSharedReads(readStored, { freshMs, max: keptReads })
  const readFrom = ({ tenant, filter }: Reader, place: EventPlace): Promise<Step> =>
    reads.get(JSON.stringify([tenant, filter, toEventId(place)]))

  /**
   * Parts of all events from a place on, in order and without loss, until the signal aborts. Those who are equally far and want the same are given
   * the same part. @throws Problem VALIDATION_FAILED
   */
  const follow = async (
    tenant: string,
    filter: EventFilter,
    { start, signal }: { start: EventStart; signal: AbortSignal },
  ): Promise<AsyncIterable<EventPart>> => {
    const { place } = await begin(start)
    const reader = { tenant, filter, signal }
    // What the database cannot answer is said before a stream begins.
    await readFrom(reader, place)
    return parts(reader, place, start.id === latest)
  }

  async function* parts(reader: Reader, from: EventPlace, saysWhere: boolean): AsyncGenerator<EventPart> {
    // Here, since what was never read from is never closed either.
    const follower = tail.join()
    const { signal } = reader
    let place = from
    let quietAt = performance.now() + quietMs
    const tell = async (part: EventPart): Promise<EventPart> => {
      await turn()
      quietAt = performance.now() + quietMs
      return part
    }
    try {
      if (saysWhere) yield { events: [], id: toEventId(place) }
      while (!signal.aborted) {
        const step = stepOf(reader, place) ?? (await readFrom(reader, place))
        place = step.next
        if (step.part) yield await tell(step.part)
        else if (step.waitMs > 0)
          await follower.next({ timeoutMs: Math.max(1, Math.min(step.waitMs, quietAt - performance.now())), signal })
        if (performance.now() >= quietAt) yield await tell({ events: [], id: toEventId(place) })
      }
    } finally {
      follower.leave()
    }
  }

  /** The next step of a reader by what is at hand; undefined if that does not reach back to it. */
  const stepOf = (reader: Reader, { position, jobId }: EventPlace): Step | undefined => {
    const newest = jobId === '' ? tail.since(position) : null
    return newest ? { part: select(reader, newest), next: placeBefore(newest.to), waitMs: quietMs } : undefined
  }

  /** What a reader wants of events; the same part for all who want the same. */
  const select = ({ tenant, filter }: Reader, newest: NewestEvents): EventPart | undefined => {
    if (newest.events.length === 0) return undefined
    const known = selections.get(newest) ?? new Map<string, EventPart | undefined>()
    selections.set(newest, known)
    const key = JSON.stringify([tenant, filter])
    if (!known.has(key)) {
      const wanted = newest.events.filter((event) => event.tenant === tenant && isWanted(filter, event))
      known.set(key, toPart(wanted, placeBefore(newest.to)))
    }
    return known.get(key)
  }

  return { list, follow }
}

export type AllEvents = ReturnType<typeof createAllEvents>

/** One who follows. */
type Reader = { tenant: string; filter: EventFilter; signal: AbortSignal }
/** What a reader is told, if anything, where it is then, and how long to wait if there is nothing. */
type Step = { part: EventPart | undefined; next: EventPlace; waitMs: number }

const toPart = (events: readonly Parameters<typeof toJobEvent>[0][], next: EventPlace): EventPart | undefined =>
  events.length > 0 ? { events: events.map(toJobEvent), id: toEventId(next) } : undefined
