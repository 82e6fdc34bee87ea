/** Why jobs wait, and where among the tenant's own: those of others are nobody's business. */
import { Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { workerGoneSeconds } from '../../service-stats/worker-gone.ts'
import type { QueuePlace } from '../job.ts'
import { queuedStatus } from './held.ts'
import { firstInQueue, heldJobs } from './waiting-tenants.ts'

/** So many of a tenant's jobs are counted one by one; the places of those behind them are estimates. */
const countedPlaces = 200

/**
 * Places of these jobs by priority and age, 1 being next; a job that waits no more has none. Behind the jobs that are counted, a place is told by
 * how long the job has waited, as if as many had been queued at any time since the oldest was.
 */
export const placeJobs = async (
  client: DatabaseClient,
  tenant: string,
  ids: readonly string[],
  maxRunning: number | null,
): Promise<Map<string, QueuePlace>> => {
  if (ids.length === 0) return new Map()
  const rows = await client.$queryRaw<(QueuePlace & { id: string })[]>`
    with head as materialized (
      select id, row_number() over (order by rank, "queuedAt", id)::int as position
      from (${firstInQueue(Prisma.sql`${tenant}`, ['any', 'cpu', 'gpu'], countedPlaces)}) as first
    ), clock as (
      select coalesce(max(turn), 0) as turn from "Tenant"
    ), own as (
      select known.queued, ${maxRunning}::int is not null and ${heldJobs('known')} >= ${maxRunning}::int as "isLimited", ${turn('known')} as turn
      from "Tenant" known cross join clock where name = ${tenant}
    ), ahead as (
      select exists (
        select from "Tenant" other cross join clock cross join own
        where other.name <> ${tenant} and other.queued > 0 and (${maxRunning}::int is null or ${heldJobs('other')} < ${maxRunning}::int) and ${turn('other')} < own.turn
      ) as others
    ), shown as materialized (
      select place.id, place.tenant, place.device, place.rank, place."queuedAt", head.position
      from "JobIndex" place left join head on head.id = place.id
      where ${among(ids)} and place.status = ${queuedStatus} and place.tenant = ${tenant}
    ), span as (
      select device, rank, (${queuedAtEnd('asc')}) as oldest, (${queuedAtEnd('desc')}) as newest
      from (select distinct tenant, device, rank from shown where position is null) as behind
    )
    select id, coalesce(position, ${estimate}) as position, position is null as approximate, case
      when coalesce(own."isLimited", false) then 'limit'
      when device = 'gpu' and not exists (select from "Worker" where gpu and "seenAt" > now() - ${workerGoneSeconds} * interval '1 second') then 'gpu'
      when coalesce(position, 2) > 1 or ahead.others then 'turn'
      else 'worker' end as "waitsFor"
    from shown left join span using (device, rank) cross join ahead left join own on true`
  return new Map(rows.map(({ id, ...place }) => [id, place]))
}

/** One id is compared as such: beside a plan for lists of any length PostgreSQL would plan anew for each, which takes longer than to run it. */
const among = (ids: readonly string[]): Prisma.Sql =>
  ids.length === 1 ? Prisma.sql`place.id = ${ids[0]}` : Prisma.sql`place.id = any(${ids})`

/** A place behind those that are counted: by its age between the tenant's oldest and newest of its priority. */
const estimate = Prisma.sql`greatest(${Prisma.raw(String(countedPlaces))} + 1, round(own.queued
  * coalesce(extract(epoch from shown."queuedAt" - span.oldest) / nullif(extract(epoch from span.newest - span.oldest), 0), 1))::int)`

/** When the tenant's first or last job of a row `behind` was queued. */
function queuedAtEnd(order: 'asc' | 'desc'): Prisma.Sql {
  const direction = Prisma.raw(order)
  return Prisma.sql`
    select other."queuedAt" from "JobIndex" other
    where other.status = ${queuedStatus} and other.tenant = behind.tenant and other.device = behind.device and other.rank = behind.rank
    order by other."queuedAt" ${direction}, other.id ${direction} limit 1`
}

/** When it is the turn of a row of "Tenant", with what it has used as a second word. */
function turn(alias: string): Prisma.Sql {
  const row = Prisma.raw(alias)
  return Prisma.sql`array[turn_of(used_seconds(${row}, now()), clock.turn), used_seconds(${row}, now())]`
}
