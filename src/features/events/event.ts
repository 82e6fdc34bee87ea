/** An event among those of all jobs, as the features see it. */
import type { EventType } from '../../api/event.schema.ts'
import type { EventPlace } from './event-position.ts'

/** An event of some tenant's job. `type` is the bare one, without `job.`; `metadata` is the job's. */
export type PlacedEvent = EventPlace & {
  tenant: string
  type: EventType
  at: Date
  data: object
  metadata: Record<string, string | number>
}

/** Where the events that can be read end: those before `horizon` are all there; no event has been given a position at `next` or above. */
export type EventHorizon = { horizon: bigint; next: bigint }
