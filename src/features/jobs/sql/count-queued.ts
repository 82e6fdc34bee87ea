/** The limit of queued jobs, exact however many are posted at the same time: the tenant's row counts them, and is locked from then on. */
import { Problem } from '../../../contracts/error-codes.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'

/** A statement that counts so many more queued jobs of a tenant; it gives a row, or none if they would be more than `max`. */
export const countingQueued = (tenant: string, jobs: number, max: number): Prisma.Sql => Prisma.sql`
  insert into "Tenant" as tenant (name, queued) select ${tenant}, ${jobs}::int where ${jobs}::int <= ${max}::int
  on conflict (name) do update set queued = tenant.queued + excluded.queued where tenant.queued + excluded.queued <= ${max}::int
  returning name`

/** Counts so many more at the end of a transaction that queued them: others wait until it is over. @throws Problem QUEUE_FULL */
export const countQueued = async (client: DatabaseClient, tenant: string, jobs: number, max: number): Promise<void> => {
  const rows = await client.$queryRaw<unknown[]>(countingQueued(tenant, jobs, max))
  if (rows.length === 0) throw queueFull(max)
}

/** Whether there is room for so many right now, so that work that would be taken back is not done. @throws Problem QUEUE_FULL */
export const refuseIfFull = async (client: DatabaseClient, tenant: string, jobs: number, max: number): Promise<void> => {
  const [row] = await client.$queryRaw<{ queued: number }[]>`select queued from "Tenant" where name = ${tenant}`
  if (jobs + (row?.queued ?? 0) > max) throw queueFull(max)
}

/** The same, and nobody else counts any until the transaction is over. @throws Problem QUEUE_FULL */
export const holdIfRoom = async (client: DatabaseClient, tenant: string, jobs: number, max: number): Promise<void> => {
  await client.$queryRaw`select from "Tenant" where name = ${tenant} for update`
  await refuseIfFull(client, tenant, jobs, max)
}

/** There would be more queued jobs than a tenant may have. */
export const queueFull = (max: number): Problem => new Problem('QUEUE_FULL', `At most ${max} jobs of yours may be queued at a time`)
