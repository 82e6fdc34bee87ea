/**
 * The events of all tenants in the order in which they can be read, for whoever must not miss one: streams, webhooks. A reader keeps the place
 * that it has read up to, and asks for what comes after it. (docs/adr/0034)
 */
import type { Database } from '../../platform/db/database-client.ts'
import type { EventHorizon, PlacedEvent } from './event.ts'
import { type EventPlace, placeBefore } from './event-position.ts'

/** Some events, and the place up to which everything was read. */
export type OutboxPage = {
  events: PlacedEvent[]
  /** Where to go on: after the last of them, or at the horizon if they are all that there are. */
  next: EventPlace
  /** True if `limit` was reached: more may be read at once. */
  hasMore: boolean
  /** True if later events are stored that cannot be read yet, since others may still come before them: look again soon. */
  isBehind: boolean
}

export const createOutboxRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /**
   * Where the events that can be read end. What is read before the horizon must be read by a statement of its own after this one.
   * `push`: takes a transaction's number itself, so that the next horizon is above all that is stored now, if nobody writes events.
   */
  const horizon = async (push = false): Promise<EventHorizon> => {
    const [row] = await prisma.$queryRaw<EventHorizon[]>`
      select event_horizon() as horizon, pg_snapshot_xmax(pg_current_snapshot())::text::bigint + event_position_offset() as next,
        case when ${push} then pg_current_xact_id() end::text as pushed`
    return row ?? { horizon: 0n, next: 0n }
  }

  /**
   * The next events of all tenants after a place, at most `limit` of them, in order: of one job by `seq`, of several as they were committed. None is
   * missed by whoever goes on from `next` each time, and none comes twice. Events of jobs that were deleted are left out.
   * `push`: see `horizon`; for who found itself behind.
   */
  const read = async (after: EventPlace, { limit, push = false }: { limit: number; push?: boolean }): Promise<OutboxPage> => {
    const end = (await horizon(push)).horizon
    const rows = await prisma.$queryRaw<(Omit<PlacedEvent, 'metadata'> & { metadata: PlacedEvent['metadata'] | null })[]>`
      select event.*, job.metadata from (
        select position, "jobId", seq, tenant, type, at, data, pg_column_size(data) as bytes from "Event"
        where (position, "jobId", seq) > (${after.position}::bigint, ${after.jobId}, ${after.seq}::int)
        order by position, "jobId", seq limit ${limit}::int
      ) as event left join "Job" job on job.id = event."jobId" and job.tenant = event.tenant and job.tenant <> ''
      order by event.position, event."jobId", event.seq`
    const readable = rows.filter(({ position }) => position < end)
    const last = readable.at(-1)
    const hasMore = readable.length === limit
    const isBefore = after.position < end
    return {
      events: readable.flatMap(({ metadata, ...event }) => (metadata ? [{ ...event, metadata }] : [])),
      next: hasMore && last ? { position: last.position, jobId: last.jobId, seq: last.seq } : isBefore ? placeBefore(end) : after,
      hasMore,
      isBehind: readable.length < rows.length,
    }
  }

  return { horizon, read }
}

export type OutboxRepository = ReturnType<typeof createOutboxRepository>
