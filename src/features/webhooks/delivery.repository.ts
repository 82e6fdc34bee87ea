/** Deliveries in PostgreSQL, as their tenant sees them. */
import {
  type DeliveryStatus,
  keptDeliveries,
  keptDeliveryDays,
  maxPendingDeliveries,
  maxReplayed,
  type ReplayRange,
} from '../../api/delivery.schema.ts'
import type { PageRequest } from '../../api/page.schema.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { toMoment } from '../moment.ts'
import { createdWithin, idsOf } from '../page.repository.ts'
import type { Delivery } from './delivery.ts'

type Afterwards = (client: DatabaseClient) => Promise<void>

/** Deliveries that are removed in one go. */
const removedAtOnce = 1000

export const createDeliveryRepository = ({ prisma, transaction }: Pick<Database, 'prisma' | 'transaction'>) => {
  const find = async (tenant: string, id: string): Promise<Delivery | null> =>
    (await prisma.$queryRaw<Delivery[]>`select ${shown} from "Delivery" where id = ${id} and tenant = ${tenant}`)[0] ?? null

  /** A page of a webhook's, newest first. */
  const list = async (
    tenant: string,
    webhookId: string,
    { status, ...page }: PageRequest & { status?: DeliveryStatus },
  ): Promise<{ rows: Delivery[]; hasMore: boolean }> => {
    const ofStatus = status === undefined ? Prisma.sql`true` : Prisma.sql`status = ${status}`
    const rows = await prisma.$queryRaw<Delivery[]>`
      select ${shown} from "Delivery"
      where "webhookId" = ${webhookId} and tenant = ${tenant} and ${idsOf('dlv', page)} and ${createdWithin(page)} and ${ofStatus}
      order by id desc limit ${page.limit + 1}`
    return { rows: rows.slice(0, page.limit), hasMore: rows.length > page.limit }
  }

  /** Stores one that is about no job; false if too many of the tenant's wait. */
  const insert = (
    { id, tenant, webhookId, type, body }: { id: string; tenant: string; webhookId: string; type: string; body: string },
    afterwards: Afterwards,
  ): Promise<boolean> =>
    transaction(async (tx) => {
      if ((await roomOf(tx, tenant)) === 0) return false
      await tx.$executeRaw`
        insert into "Delivery" (id, tenant, "webhookId", type, body) values (${id}, ${tenant}, ${webhookId}, ${type}, ${body})`
      await afterwards(tx)
      return true
    })

  /** Lets one be sent again, at once if it waits already; false if too many of the tenant's wait. */
  const replay = (tenant: string, id: string, afterwards: Afterwards): Promise<boolean> =>
    transaction(async (tx) => {
      const again =
        await tx.$executeRaw`update "Delivery" set "nextAt" = now() where id = ${id} and tenant = ${tenant} and status = 'pending'`
      if (again === 0) {
        if ((await roomOf(tx, tenant)) === 0) return false
        await tx.$executeRaw`update "Delivery" set ${pendingAgain} where id = ${id} and tenant = ${tenant}`
      }
      await afterwards(tx)
      return true
    })

  /** Lets those of a time be sent again, the oldest first, as many as may wait; gives how many, and whether there are more. */
  const replayRange = (
    tenant: string,
    webhookId: string,
    { from, to, status }: ReplayRange,
  ): Promise<{ replayed: number; hasMore: boolean }> =>
    transaction(async (tx) => {
      const room = Math.min(await roomOf(tx, tenant), maxReplayed)
      const ofStatus = status === undefined ? Prisma.sql`status <> 'pending'` : Prisma.sql`status = ${status}`
      const found = await tx.$queryRaw<{ id: string }[]>`
        select id from "Delivery"
        where "webhookId" = ${webhookId} and tenant = ${tenant} and ${ofStatus} and "createdAt" >= ${toMoment(from)}
          and "createdAt" < ${to === undefined ? new Date() : toMoment(to)}
        order by position limit ${room + 1} for update`
      const ids = found.slice(0, room).map(({ id }) => id)
      await tx.$executeRaw`update "Delivery" set ${pendingAgain} where id = any(${ids})`
      return { replayed: ids.length, hasMore: found.length > room }
    })

  /** Deletes some of what was over long ago, or is more than a webhook keeps, and jobs' webhooks that have nothing to tell any more. */
  const removeOld = async (): Promise<{ removed: number; more: boolean }> => {
    const old = await prisma.$executeRaw`
      delete from "Delivery" where id in (
        select id from "Delivery" where "finishedAt" < now() - ${keptDeliveryDays} * interval '1 day' and status <> 'pending'
        limit ${removedAtOnce} for update skip locked)`
    const surplus = await prisma.$executeRaw`
      delete from "Delivery" where id in (
        select beyond.id from "Webhook" webhook cross join lateral (
          select delivery.id from "Delivery" delivery where delivery."webhookId" = webhook.id and status <> 'pending'
          order by delivery.id desc offset ${keptDeliveries} limit ${removedAtOnce}
        ) as beyond (id) where webhook."jobId" is null limit ${removedAtOnce})`
    const webhooks = await prisma.$executeRaw`
      delete from "Webhook" where id in (
        select webhook.id from "Webhook" webhook
        where webhook."jobId" is not null and webhook."createdAt" < now() - interval '1 hour'
          and not exists (select from "Delivery" where "webhookId" = webhook.id)
          and not exists (select from "Job" where id = webhook."jobId" and status not in ('succeeded', 'failed', 'cancelled'))
        limit ${removedAtOnce} for update skip locked)`
    const most = Math.max(old, surplus, webhooks)
    return { removed: old + surplus + webhooks, more: most === removedAtOnce }
  }

  /** How many more may wait; who inserts meanwhile waits for this transaction. */
  const roomOf = async (client: DatabaseClient, tenant: string): Promise<number> => {
    await client.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`deliveries of ${tenant}`}, 0))`
    const pending = await client.delivery.count({ where: { tenant, status: 'pending' } })
    return Math.max(0, maxPendingDeliveries - pending)
  }

  return { find, list, insert, replay, replayRange, removeOld }
}

export type DeliveryRepository = ReturnType<typeof createDeliveryRepository>

const shown = Prisma.sql`id, "webhookId", "jobId", type, status, attempts, "nextAt", last, "createdAt", "finishedAt"`

const pendingAgain = Prisma.sql`
  status = 'pending', "isReplay" = true, attempts = 0, "nextAt" = now(), "finishedAt" = null, "leaseToken" = null, "leaseUntil" = null`
