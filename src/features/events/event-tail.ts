/**
 * The newest events of all tenants, read once for all streams of this process. While somebody follows, it reads on whenever a job changes, and now
 * and then by itself; a stream that is further behind than what it keeps reads for itself until it is not. (docs/adr/0034)
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { channels } from '../../contracts/queue.ts'
import { createWakeUp, type NextWakeUp } from '../../contracts/wake-up.ts'
import type { Notifications } from '../../platform/db/notifications.ts'
import type { PlacedEvent } from './event.ts'
import { type EventPlace, placeBefore } from './event-position.ts'
import type { OutboxPage, OutboxRepository } from './outbox.repository.ts'

export type EventTailOptions = {
  outbox: OutboxRepository
  notifications: Pick<Notifications, 'on'>
  /** Told why the tail could not read; it goes on trying. */
  onError: (error: unknown) => void
}

/** One who follows. */
export type EventFollower = {
  /** Waits for events; some since the last call count. */
  next: NextWakeUp
  leave: () => void
}

/** All events from a position on, and the position to go on from. The list is the same for all who are equally far. */
export type NewestEvents = { events: readonly PlacedEvent[]; to: bigint }

/** Events that are read, and kept for those who are a little behind, at most; and about how many bytes their data has. */
const maxEvents = 500
const keptEvents = 2000
const keptBytes = 4 * 2 ** 20
/** What is queued makes no notification, and what was committed may be readable a little later. */
const idleMs = 250
const behindMs = 10
/** After a read that failed. */
const retryMs = 1000
/** Between two reads, and where more than so many follow: each of them wakes all. */
const gapMs = 10
const crowd = 50
const crowdGapMs = 250

type Batch = { events: readonly PlacedEvent[]; to: bigint; bytes: number }

export const createEventTail = ({ outbox, notifications, onError }: EventTailOptions) => {
  const followers = new Set<() => void>()
  const shared = new Map<bigint, NewestEvents>()
  const changed = createWakeUp()
  let isRunning = false
  /** From `start` to `end` everything is in the batches; there is nothing yet while they are undefined. */
  let batches: Batch[] = []
  let start: bigint | undefined
  let end = 0n

  const keep = ({ events, next }: OutboxPage): void => {
    end = next.position > end ? next.position : end
    shared.clear()
    if (events.length === 0) return
    batches.push({ events, to: end, bytes: sum(events.map(({ bytes }) => bytes)) })
    while (sum(batches.map((batch) => batch.events.length)) > keptEvents || sum(batches.map(({ bytes }) => bytes)) > keptBytes)
      start = batches.shift()?.to ?? end
    for (const wake of followers) wake()
  }

  /** Begins anew at what can be read now: what lies before is left to those who need it. */
  const begin = async (): Promise<EventPlace> => {
    const { horizon } = await outbox.horizon()
    if (horizon > end) end = horizon
    start = end
    batches = []
    shared.clear()
    for (const wake of followers) wake()
    return placeBefore(end)
  }

  /** Reads what has come after a place. Gives where to go on, nowhere if so much came that it begins anew, and how long to wait. */
  const readOn = async (from: EventPlace, waitedMs: number): Promise<{ place?: EventPlace; waitMs: number }> => {
    const page = await outbox.read(from, { limit: maxEvents, push: waitedMs < idleMs })
    if (page.hasMore) return { waitMs: 0 }
    keep(page)
    // Twice as long each time, for an event that others hold up.
    const behind = waitedMs < idleMs ? Math.min(2 * waitedMs, idleMs / 2) : behindMs
    return { place: page.next, waitMs: page.isBehind ? behind : idleMs }
  }

  const run = async (): Promise<void> => {
    let state: { place?: EventPlace; waitMs: number } = { waitMs: idleMs }
    const stop = notifications.on(channels.job, changed.wake)
    while (followers.size > 0) {
      const readAt = performance.now()
      try {
        state = await readOn(state.place ?? (await begin()), state.waitMs)
      } catch (error) {
        onError(error)
        state = { ...state, waitMs: retryMs }
      }
      await changed.next({ timeoutMs: state.waitMs })
      const gap = (followers.size > crowd ? crowdGapMs : gapMs) - (performance.now() - readAt)
      if (gap > 0 && followers.size > 0) await sleep(gap)
    }
    stop()
    isRunning = false
    start = undefined
    batches = []
    shared.clear()
  }

  /** Follows from now on; leave when done. */
  const join = (): EventFollower => {
    const { wake, next } = createWakeUp()
    followers.add(wake)
    if (!isRunning) {
      isRunning = true
      void run()
    }
    const leave = (): void => {
      followers.delete(wake)
      if (followers.size === 0) changed.wake()
    }
    return { next, leave }
  }

  /** The newest events from a position on; null if they are not at hand. */
  const since = (position: bigint): NewestEvents | null => {
    if (start === undefined || position < start) return null
    const known = shared.get(position)
    if (known) return known
    const events = batches.filter(({ to }) => to > position).flatMap((batch) => batch.events)
    const newest = { events: events.filter((event) => event.position >= position), to: position > end ? position : end }
    shared.set(position, newest)
    return newest
  }

  return { join, since }
}

export type EventTail = ReturnType<typeof createEventTail>

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
