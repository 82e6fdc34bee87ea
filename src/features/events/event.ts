/** An event among those of all jobs, as the features see it. */
import type { JobEventResource } from '../../api/job-event.schema.ts'
import { type EventType, fullType } from '../../contracts/event-types.ts'
import { spellings } from '../jobs/metadata-spellings.ts'
import { type EventPlace, toEventId } from './event-position.ts'

/** An event of some tenant's job. `type` is the bare one, without `job.`; `metadata` is the job's. */
export type PlacedEvent = EventPlace & {
  tenant: string
  type: EventType
  at: Date
  data: object
  /** About what `data` takes. */
  bytes: number
  metadata: Record<string, string | number>
}

/** Which events a reader wants: of any of the types, all if none is named, and of jobs whose metadata has each entry. */
export type EventFilter = { types: readonly EventType[]; metadata: Record<string, string> }

/** Where the events that can be read end: those before `horizon` are all there; no event has been given a position at `next` or above. */
export type EventHorizon = { horizon: bigint; next: bigint }

/** Whether a reader of its job's tenant wants an event. */
export const isWanted = ({ types, metadata }: EventFilter, event: Pick<PlacedEvent, 'type' | 'metadata'>): boolean =>
  (types.length === 0 || types.includes(event.type)) &&
  Object.entries(metadata).every(([key, value]) => spellings(value).some((spelling) => spelling === event.metadata[key]))

/** An event as the API shows it among those of all jobs. */
export const toJobEvent = (event: Omit<PlacedEvent, 'tenant' | 'metadata' | 'bytes'>): JobEventResource => {
  const { jobId, seq, type, at, data } = event
  return { id: toEventId(event), jobId, seq, type: fullType(type), at: at.toISOString(), data } as JobEventResource
}
