/** Webhooks in PostgreSQL; `tenant` goes into every statement. */
import type { PageRequest } from '../../api/page.schema.ts'
import { type CreateWebhook, maxWebhooks, secretOverlapHours, type UpdateWebhook } from '../../api/webhook.schema.ts'
import { channels } from '../../contracts/queue.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { findIds, newestIds } from '../page.repository.ts'
import type { Secrets, Webhook } from './webhook.ts'

type Afterwards = (client: DatabaseClient) => Promise<void>

export const createWebhookRepository = ({ prisma, transaction, notify }: Pick<Database, 'prisma' | 'transaction' | 'notify'>) => {
  /** Stores one; false if the tenant has as many as it may have. */
  const insert = (
    id: string,
    tenant: string,
    { url, events, description }: CreateWebhook,
    secret: Uint8Array,
    afterwards: Afterwards,
  ): Promise<boolean> =>
    transaction(async (tx) => {
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`webhooks of ${tenant}`}, 0))`
      if ((await tx.webhook.count({ where: { tenant, jobId: null } })) >= maxWebhooks) return false
      await tx.webhook.create({ data: { id, tenant, url, events, description, secret: Buffer.from(secret) } })
      await notify(tx, channels.webhook, id)
      await afterwards(tx)
      return true
    })

  const find = async (tenant: string, id: string): Promise<Webhook | null> =>
    (await prisma.$queryRaw<Webhook[]>`select ${shown} from "Webhook" where id = ${id} and tenant = ${tenant}`)[0] ?? null

  /** A page, newest first: of those that are told of all jobs, or of a job's own. */
  const list = async (
    tenant: string,
    { jobId, ...page }: PageRequest & { jobId?: string },
  ): Promise<{ rows: Webhook[]; hasMore: boolean }> => {
    const which = jobId === undefined ? Prisma.sql`"jobId" is null` : Prisma.sql`"jobId" = ${jobId}`
    const ids = await findIds(prisma, newestIds('Webhook', tenant, page, which))
    const rows = await prisma.$queryRaw<Webhook[]>`
      select ${shown} from "Webhook" where id = any(${ids.slice(0, page.limit)}) order by id desc`
    return { rows, hasMore: ids.length > rows.length }
  }

  /** Changes what is given; false if there is no such webhook. What is enabled again is told of what happens from now on. */
  const update = async (tenant: string, id: string, { status, ...change }: UpdateWebhook): Promise<boolean> =>
    transaction(async (tx) => {
      const isEnabled = status === 'enabled'
      const found = await tx.$queryRaw<unknown[]>`
        update "Webhook" set
          url = coalesce(${change.url ?? null}, url), events = coalesce(${change.events ?? null}::text[], events),
          description = case when ${'description' in change} then ${change.description ?? null} else description end,
          since = case when ${isEnabled} and status <> 'enabled' then event_position() else since end,
          status = coalesce(${status ?? null}, status),
          "disabledReason" = case when ${isEnabled} then null when ${status === 'disabled'} and status = 'enabled' then 'asked' else "disabledReason" end,
          failures = case when ${isEnabled || change.url !== undefined} then 0 else failures end,
          "retryAt" = case when ${isEnabled || change.url !== undefined} then null else "retryAt" end,
          "updatedAt" = now()
        where id = ${id} and tenant = ${tenant} returning id`
      if (found.length > 0) await notify(tx, channels.webhook, id)
      return found.length > 0
    })

  /** Deletes it with its deliveries; false if there is none. */
  const remove = async (tenant: string, id: string): Promise<boolean> =>
    (await prisma.webhook.deleteMany({ where: { id, tenant } })).count > 0

  /** Puts a new secret in the place of its own, which signs too for a time; false if there is no webhook with one. */
  const rotateSecret = (tenant: string, id: string, secret: Uint8Array, afterwards: Afterwards): Promise<boolean> =>
    transaction(async (tx) => {
      const rotated = await tx.$executeRaw`
        update "Webhook" set ${replacing(secret)}, "updatedAt" = now() where id = ${id} and tenant = ${tenant} and secret is not null`
      if (rotated > 0) await afterwards(tx)
      return rotated > 0
    })

  /** Its own secret; null if it has none. */
  const readSecret = async (tenant: string, id: string): Promise<Uint8Array | null> =>
    (await prisma.webhook.findFirst({ where: { id, tenant }, select: { secret: true } }))?.secret ?? null

  /** The tenant's secret; `fresh` becomes it if there is none. */
  const tenantSecret = async (tenant: string, fresh: Uint8Array): Promise<Secrets> => {
    await prisma.$executeRaw`insert into "WebhookSecret" (tenant, secret) values (${tenant}, ${fresh}::bytea) on conflict (tenant) do nothing`
    return prisma.webhookSecret.findUniqueOrThrow({ where: { tenant } })
  }

  const rotateTenantSecret = (tenant: string, secret: Uint8Array, afterwards: Afterwards): Promise<void> =>
    transaction(async (tx) => {
      await tx.$executeRaw`
        insert into "WebhookSecret" (tenant, secret) values (${tenant}, ${secret}::bytea)
        on conflict (tenant) do update set ${replacing(secret, Prisma.sql`"WebhookSecret".`)}`
      await afterwards(tx)
    })

  return { insert, find, list, update, remove, rotateSecret, readSecret, tenantSecret, rotateTenantSecret }
}

export type WebhookRepository = ReturnType<typeof createWebhookRepository>

const shown = Prisma.sql`
  id, tenant, url, events, description, status, "disabledReason", "jobId", dropped, "previousUntil", "createdAt", "updatedAt"`

const replacing = (secret: Uint8Array, table = Prisma.empty): Prisma.Sql => Prisma.sql`
  "previousSecret" = ${table}secret, "previousUntil" = now() + ${secretOverlapHours} * interval '1 hour', secret = ${secret}::bytea`
