/**
 * Sees to it that webhooks are told: makes deliveries of new events, and wakes who sends what is due. Every API process has one; what one
 * does the others find done, and what one leaves they go on with. Does next to nothing while there is no webhook.
 */
import { channels } from '../../contracts/queue.ts'
import type { Notifications } from '../../platform/db/notifications.ts'
import type { DispatchRepository, Stored } from './dispatch.repository.ts'
import { type Audience, deliveriesOf, hears, type Place, type ReadEvent, type Telling } from './dispatch.ts'
import type { ToldJob } from './event-body.ts'
import type { SendingRepository } from './sending.repository.ts'

/** The next events after a place. `isBehind`: there are more that cannot be read yet; `push` helps who found itself behind. */
export type ReadEvents = (
  after: Place,
  options: { limit: number; push: boolean },
) => Promise<{ events: ReadEvent[]; next: Place; hasMore: boolean; isBehind: boolean }>

type Collaborators = {
  dispatch: DispatchRepository
  sending: Pick<SendingRepository, 'wakeDue'>
  readEvents: ReadEvents
  readJobs: (ids: readonly string[]) => Promise<Map<string, ToldJob>>
  notifications: Pick<Notifications, 'on'>
  /** Says that something is due to webhooks. */
  notify: (webhookIds: readonly string[]) => Promise<unknown>
  /** How much was said that nobody has heard yet. */
  unheard: () => Promise<number>
  /** Begins to hear what is said so. */
  listen: () => { close: () => Promise<void> }
  onError: (error: unknown) => void
}

/** Events that are read at a time. */
const eventsAtOnce = 100
/** How soon events are looked for again that could not be read yet, and how soon at the earliest after the last look. */
const behindMs = 25
const restMs = 10
/** When it looks again after the database failed it. */
const retryMs = 250
/** How often it looks by itself for events and for what is due, and for webhooks as long as there is none. */
const tickMs = 1000
const idleTicks = 10

export const createWebhookDispatcher = ({
  dispatch,
  sending,
  readEvents,
  readJobs,
  notifications,
  notify,
  unheard,
  listen,
  onError,
}: Collaborators) => {
  let listener: ReturnType<typeof listen> | undefined
  let isActive = false
  let isWanted = false
  let isClosed = false
  let running: Promise<void> | undefined
  let waking: Promise<void> | undefined
  let ticks = 0
  const timers = new Set<NodeJS.Timeout>()

  const later = (ms: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (!isClosed) work()
    }, ms)
    timer.unref()
    timers.add(timer)
  }

  /** Looks for events now; who asks meanwhile is served by one more look. */
  const look = (): void => {
    isWanted = true
    if (isClosed) return
    running ??= catchUp()
      .catch((error) => {
        onError(error)
        later(retryMs, look)
      })
      .finally(() => {
        running = undefined
      })
  }

  const catchUp = async (): Promise<void> => {
    let push = false
    while (isWanted && !isClosed) {
      isWanted = false
      const { hasMore, isBehind } = await step(push)
      if (hasMore) isWanted = true
      else if (isBehind) await rest(behindMs)
      else if (isWanted) await rest(restMs)
      push = isBehind
      isWanted ||= isBehind
    }
  }

  const rest = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

  /** Makes deliveries of the next events. */
  const step = async (push: boolean): Promise<{ hasMore: boolean; isBehind: boolean }> => {
    const state = await dispatch.readCursor()
    isActive = state !== null
    if (!state || isClosed) return { hasMore: false, isBehind: false }
    listener ??= listen()
    const { cursor, since } = state
    // What happened before there was anybody to be told is passed over.
    const from = cursor.position < since ? { position: since, jobId: '', seq: 0 } : cursor
    const { events, next, hasMore, isBehind } = await readEvents(from, { limit: eventsAtOnce, push })
    if (events.length === 0) return { hasMore, isBehind }
    const stored = await dispatch.store(cursor, next, await tell(events))
    if (stored === null) return { hasMore: true, isBehind: false }
    wake(stored)
    return { hasMore, isBehind }
  }

  /** What is to be told of events, and to whom. */
  const tell = async (events: readonly ReadEvent[]): Promise<Telling[]> => {
    const audience = await audienceOf(events)
    const heard = events.filter((event) => audience.some((webhook) => hears(webhook, event)))
    if (heard.length === 0) return []
    return deliveriesOf(heard, audience, await readJobs([...new Set(heard.map(({ jobId }) => jobId))]))
  }

  /** Says what is due, once it is. */
  const wake = (stored: Stored): void => {
    const soonest = new Map<string, number>()
    for (const { webhookId, afterMs } of stored) soonest.set(webhookId, Math.min(afterMs, soonest.get(webhookId) ?? afterMs))
    const now = [...soonest].flatMap(([webhookId, afterMs]) => (afterMs <= 0 ? [webhookId] : []))
    if (now.length > 0) notify(now).catch(onError)
    for (const [webhookId, afterMs] of soonest) if (afterMs > 0) later(afterMs, () => notify([webhookId]).catch(onError))
  }

  const audienceOf = (events: readonly ReadEvent[]): Promise<Audience[]> =>
    dispatch.findAudience([...new Set(events.map(({ tenant }) => tenant))], [...new Set(events.map(({ jobId }) => jobId))])

  const tick = (): void => {
    ticks += 1
    if (!isActive && ticks % idleTicks !== 0) return
    look()
    if (!isActive) return
    waking ??= wakeDue()
      .catch(onError)
      .finally(() => {
        waking = undefined
      })
  }

  /** Wakes for what is due and unheard. More of what waits to be heard would come behind it, and be for nothing. */
  const wakeDue = async (): Promise<void> => {
    if ((await unheard()) > 0) return
    const due = await sending.wakeDue()
    if (due.length > 0) await notify(due)
  }

  const interval = setInterval(tick, tickMs)
  interval.unref()
  /** Looks for events if anybody may want to be told of them. */
  const lookIfActive = (): void => {
    if (isActive) look()
  }
  const unsubscribe = [notifications.on(channels.webhook, look), notifications.on(channels.job, lookIfActive)]

  /** Gives back what it sends, so that others go on with it at once. */
  const close = async (): Promise<void> => {
    isClosed = true
    clearInterval(interval)
    for (const timer of timers) clearTimeout(timer)
    for (const stop of unsubscribe) stop()
    await Promise.all([running, waking])
    await listener?.close()
  }

  return { start: look, look: lookIfActive, close }
}

export type WebhookDispatcher = ReturnType<typeof createWebhookDispatcher>
