/** The events of a tenant's jobs from a place on, for lists and for streams that are far behind. */

import { pageBytes } from '../../api/page.schema.ts'
import { type EventType, eventTypes } from '../../contracts/event-types.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { spellings } from '../jobs/metadata-spellings.ts'
import type { EventFilter, EventHorizon, PlacedEvent } from './event.ts'
import { type EventPlace, placeBefore } from './event-position.ts'

/** What a page shows of an event. */
export type ListedEvent = Omit<PlacedEvent, 'tenant' | 'metadata' | 'bytes'>

/** Some events, and the place to go on from. `hasMore`: more may be there already. */
export type EventPage = { events: ListedEvent[]; next: EventPlace; hasMore: boolean }

export type EventQuery = { tenant: string; filter: EventFilter; after: EventPlace; limit: number; horizon: EventHorizon['horizon'] }

type Found = EventPlace & { shown: boolean }

/** Events that are looked at for a page of those with some metadata. */
const maxLookedAt = 2000

export const createTenantEventsRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /**
   * Events after a place and below a horizon that was asked for before, in order: `limit` of them, or as many as fit into a page's bytes. With metadata
   * it looks at so many events, and gives those that have it: maybe none.
   */
  const page = async (query: EventQuery): Promise<EventPage> => {
    const { limit, horizon, after } = query
    const lookedAt = Object.keys(query.filter.metadata).length > 0 ? Math.max(limit, maxLookedAt) : limit
    const found = await prisma.$queryRaw<Found[]>(findEvents({ ...query, limit: lookedAt }))
    const end = after.position < horizon ? placeBefore(horizon) : after
    const shown = found.slice(0, lookedAt).filter((event) => event.shown)
    const events = await read(shown.slice(0, limit))
    // What was cut off, or deleted since, must not be passed over.
    const isCut = events.length < shown.length
    const last = isCut ? (events.at(-1) ?? shown.at(limit - 1)) : found.length > lookedAt ? found[lookedAt - 1] : undefined
    return { events, next: last ? placeOf(last) : end, hasMore: last !== undefined }
  }

  /** The events at these places, as many as fit into a page, but one at least. */
  const read = async (places: readonly EventPlace[]): Promise<ListedEvent[]> => {
    if (places.length === 0) return []
    return prisma.$queryRaw<ListedEvent[]>`
      select position, "jobId", seq, type, at, data from (
        select event.*, wanted.place, sum(octet_length(event.data::text) + ${bytesBesideData}::int) over (order by wanted.place) as total
        from unnest(${places.map(({ jobId }) => jobId)}::text[], ${places.map(({ seq }) => seq)}::int[]) with ordinality as wanted(id, number, place)
          join "Event" event on event."jobId" = wanted.id and event.seq = wanted.number
      ) as sized where place = 1 or total <= ${pageBytes} order by place`
  }

  return { page }
}

export type TenantEventsRepository = ReturnType<typeof createTenantEventsRepository>

/** What an event of a page takes besides its data, about. */
const bytesBesideData = 200

/**
 * The query for the places of a page's events, one more than it may have. Those of each type lie in order in an index, so it reads as many of each as
 * the page has, however many there are; events of deleted jobs, and of jobs with other metadata, are not `shown`.
 */
export const findEvents = ({ tenant, filter: { types, metadata }, after, limit, horizon }: EventQuery): Prisma.Sql => {
  const ofType = (type: EventType): Prisma.Sql => Prisma.sql`
    (select position, "jobId", seq from "Event" where tenant = ${tenant} and type = ${type}
      and (position, "jobId", seq) > (${after.position}::bigint, ${after.jobId}, ${after.seq}::int) and position < ${horizon}::bigint
      order by position, "jobId", seq limit ${limit + 1}::int)`
  const wanted = types.length > 0 ? [...new Set(types)] : eventTypes
  const conditions = Object.entries(metadata).map(([key, value]) => hasEntry(tenant, key, value))
  return Prisma.sql`
    select found.*, exists (select from "JobIndex" where id = found."jobId" and tenant = ${tenant})
      and ${conditions.length > 0 ? Prisma.join(conditions, ' and ') : Prisma.sql`true`} as shown
    from (select * from (${Prisma.join(wanted.map(ofType), ' union all ')}) as each order by position, "jobId", seq limit ${limit + 1}::int) as found
    order by position, "jobId", seq`
}

/** A condition: whether the job of what was found has an entry of metadata. */
const hasEntry = (tenant: string, key: string, value: string): Prisma.Sql => Prisma.sql`exists (
  select from "JobMetadata" entry where entry.tenant = ${tenant} and entry."jobId" = found."jobId"
    and entry.term in (${Prisma.join(spellings(value).map((spelling) => Prisma.sql`metadata_term(${key}, ${JSON.stringify(spelling)}::jsonb)`))}))`

const placeOf = ({ position, jobId, seq }: EventPlace): EventPlace => ({ position, jobId, seq })
