/** From events to deliveries: which webhook is told of what. Pure. */

import { type EventType, fullType } from '../../contracts/event-types.ts'
import { chattyTypes } from './chatty.ts'
import type { ToldJob } from './event-body.ts'
import { eventBody } from './event-body.ts'

/** A place among the events of all jobs. */
export type Place = { position: bigint; jobId: string; seq: number }

/** An event as it was read from those of all jobs. */
export type ReadEvent = Place & { tenant: string; type: EventType; at: Date; data: unknown }

/** Who may be told: a webhook that is told of all jobs of its tenant, or of `jobId` alone, from the place `since` on. */
export type Audience = { id: string; tenant: string; jobId: string | null; events: string[]; since: bigint }

/** What is to be told: `body` says it, `rows` to whom. */
export type Telling = { webhookId: string; tenant: string; jobId: string; type: string; seq: number; body: string }

/** Everybody's deliveries of some events, in order. Of chatty ones of a job that nothing comes between the last stands for all. */
export const deliveriesOf = (
  events: readonly ReadEvent[],
  audience: readonly Audience[],
  jobs: ReadonlyMap<string, ToldJob>,
): Telling[] => {
  const told: (Telling | null)[] = []
  const lastOf = new Map<string, { type: string; at: number }>()
  for (const event of events) {
    const type = fullType(event.type)
    const listeners = audience.filter((webhook) => hears(webhook, event))
    const job = jobs.get(event.jobId)
    if (listeners.length === 0 || !job) continue
    const body = eventBody({ type, at: event.at, seq: event.seq, data: event.data }, job)
    for (const { id: webhookId, tenant } of listeners) {
      const key = `${webhookId} ${event.jobId}`
      const last = lastOf.get(key)
      if (last && last.type === type && chattyTypes.includes(type)) told[last.at] = null
      lastOf.set(key, { type, at: told.length })
      told.push({ webhookId, tenant, jobId: event.jobId, type, seq: event.seq, body })
    }
  }
  return told.filter((one) => one !== null)
}

/** Whether a webhook is to be told of an event. */
export const hears = ({ tenant, jobId, events, since }: Audience, event: ReadEvent): boolean =>
  tenant === event.tenant && (jobId === null || jobId === event.jobId) && event.position >= since && events.includes(fullType(event.type))
