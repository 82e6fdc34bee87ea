/** Tenants that have jobs in the queue, and in which order it is their turn. (docs/adr/0029) */
import { Prisma } from '../../../generated/prisma/client.ts'
import { queuedStatus } from './held.ts'

/** The jobs of a row of "Tenant" that workers hold. */
export const heldJobs = (alias: string): Prisma.Sql => {
  const row = Prisma.raw(alias)
  return Prisma.sql`(${row}.running + ${row}.cancelling + ${row}.pausing)`
}

/**
 * Common table expressions: `waiting` are the tenants with jobs in the queue, `line` those of them that may have another job in
 * work, with `turn` and `used`, by which they are sorted. The queue itself says who waits, tenant by tenant off its index.
 */
export const lineOfTenants = (maxRunning: number | null): Prisma.Sql => Prisma.sql`
  waiting as (
    (select tenant from "JobIndex" where status = ${queuedStatus} order by tenant limit 1)
    union all
    select (
      select next.tenant from "JobIndex" next where next.status = ${queuedStatus} and next.tenant > waiting.tenant order by next.tenant limit 1
    ) from waiting where waiting.tenant is not null
  ), line as (
    select waiting.tenant, coalesce(used_seconds(known, clock_timestamp()), 0) as used,
      turn_of(coalesce(used_seconds(known, clock_timestamp()), 0), clock.turn) as turn
    from waiting cross join (select coalesce(max(turn), 0) as turn from "Tenant") as clock left join "Tenant" known on known.name = waiting.tenant
    where waiting.tenant is not null and (${maxRunning}::int is null or coalesce(${heldJobs('known')}, 0) < ${maxRunning}::int)
  )`

/** What jobs ask to run on. */
export type QueueDevice = 'any' | 'cpu' | 'gpu'

/** The first jobs in a tenant's queue for these devices, in order; `tenant` is an expression. */
export const firstInQueue = (tenant: Prisma.Sql, devices: readonly QueueDevice[], limit: number): Prisma.Sql => {
  // Text too: a plan for any number of rows would sort them all, and one for any number of devices is not kept where the queue is long.
  const first = Prisma.raw(String(limit))
  const wanted = Prisma.raw(devices.map((device) => `('${device}')`).join(', '))
  return Prisma.sql`
    select head.id, head.rank, head."queuedAt" from (values ${wanted}) as wanted(device) cross join lateral (
      select id, rank, "queuedAt" from "JobIndex" place
      where place.status = ${queuedStatus} and place.tenant = ${tenant} and place.device = wanted.device
      order by rank, "queuedAt", id limit ${first}
    ) as head order by head.rank, head."queuedAt", head.id limit ${first}`
}
