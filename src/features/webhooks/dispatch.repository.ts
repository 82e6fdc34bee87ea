/** Makes deliveries of events: who is to be told, what waits, and how far the events were read, in PostgreSQL. */
import { maxPendingDeliveries } from '../../api/delivery.schema.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import type { NewId } from '../ids.ts'
import { chattyMs, chattyTypes, startsAndEnds } from './chatty.ts'
import type { Audience, Place, Telling } from './dispatch.ts'
import { firstChatty, timeOf, type Waiting } from './spacing.ts'

/** Webhooks for which something waits now, and in how many milliseconds for others. */
export type Stored = { webhookId: string; afterMs: number }[]

export const createDispatchRepository = ({ prisma, transaction }: Pick<Database, 'prisma' | 'transaction'>, newId: NewId) => {
  /** How far the events were read, and from where they concern anybody; null if there is nobody to be told. */
  const readCursor = async (): Promise<{ cursor: Place; since: bigint } | null> => {
    const [row] = await prisma.$queryRaw<{ since: bigint | null; position: bigint | null; jobId: string | null; seq: number | null }[]>`
      select audience.since, cursor.position, cursor."jobId", cursor.seq
      from (select min(since) as since from "Webhook" where status = 'enabled') as audience left join "WebhookCursor" cursor on name = 'events'`
    if (!row || row.since === null) return null
    return { cursor: { position: row.position ?? 0n, jobId: row.jobId ?? '', seq: row.seq ?? 0 }, since: row.since }
  }

  /** Whoever may be told of events of these tenants and jobs. */
  const findAudience = async (tenants: readonly string[], jobIds: readonly string[]): Promise<Audience[]> =>
    prisma.$queryRaw<Audience[]>`
      select id, tenant, "jobId", events, since from "Webhook" where tenant = any(${tenants}) and "jobId" is null and status = 'enabled'
      union all select id, tenant, "jobId", events, since from "Webhook" where "jobId" = any(${jobIds}) and status = 'enabled'`

  /** Stores deliveries and moves the cursor from where it was; null if another did meanwhile. */
  const store = (from: Place, to: Place, told: readonly Telling[]): Promise<Stored | null> =>
    transaction(async (tx) => {
      const moved = await tx.$executeRaw`
        insert into "WebhookCursor" as cursor (name, position, "jobId", seq) values ('events', ${to.position}, ${to.jobId}, ${to.seq})
        on conflict (name) do update set position = excluded.position, "jobId" = excluded."jobId", seq = excluded.seq
        where cursor.position = ${from.position} and cursor."jobId" = ${from.jobId} and cursor.seq = ${from.seq}`
      if (moved === 0) return null
      if (told.length === 0) return []
      const stored = await insert(tx, told)
      for (const tenant of new Set(told.map((one) => one.tenant))) await dropSurplus(tx, tenant)
      return stored
    })

  const insert = async (tx: DatabaseClient, told: readonly Telling[]): Promise<Stored> => {
    const timed = timeOf(told, await replaceWaiting(tx, firstChatty(told)))
    const bodies = [...new Set(timed.map(({ body }) => body))]
    const indexOf = new Map(bodies.map((body, index) => [body, index]))
    const rows = timed.map(({ body, ...row }) => ({ id: newId('dlv'), ...row, body: indexOf.get(body) }))
    await tx.$executeRaw`
      insert into "Delivery" (id, tenant, "webhookId", "jobId", type, seq, body, "nextAt")
      select row.id, tenant, "webhookId", "jobId", type, seq, (${bodies}::text[])[row.body + 1], now() + "afterMs" * interval '1 millisecond'
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row(id text, tenant text, "webhookId" text, "jobId" text, type text, seq int, body int, "afterMs" float)`
    return timed.map(({ webhookId, afterMs }) => ({ webhookId, afterMs }))
  }

  /** Chatty ones that wait untried as the last of their job tell the newest instead. For each: when the next of its type may be sent. */
  const replaceWaiting = async (tx: DatabaseClient, chatty: ReturnType<typeof firstChatty>): Promise<Waiting[]> => {
    if (chatty.length === 0) return []
    return tx.$queryRaw<Waiting[]>`
      with news as (
        select * from jsonb_to_recordset(${JSON.stringify(chatty)}::jsonb) as row("webhookId" text, "jobId" text, type text, seq int, body text, "mayReplace" boolean)
      ), last as (
        select news.*, before.id, before.position, before.due from news cross join lateral (
          select id, position, case when status <> 'pending' then "finishedAt" when "leaseUntil" > now() then now() else "nextAt" end as due
          from "Delivery" delivery
          where delivery."webhookId" = news."webhookId" and delivery."jobId" = news."jobId" and delivery.type = news.type
            and not (delivery.status = 'pending' and delivery."isReplay")
          order by position desc limit 1
        ) as before
      ), replaced as (
        update "Delivery" delivery set seq = last.seq, body = last.body from last
        where delivery.id = last.id and last."mayReplace" and delivery.status = 'pending' and delivery.attempts = 0
          and not exists (
            select from "Delivery" later where later."webhookId" = last."webhookId" and later."jobId" = last."jobId" and later.position > last.position)
        returning delivery.id
      )
      select last."webhookId", last."jobId", last.type, replaced.id is not null as "isReplaced",
        greatest(0, extract(epoch from last.due - now()) * 1000 + ${chattyMs})::float as "afterMs"
      from last left join replaced on replaced.id = last.id`
  }

  /** Of a tenant's too many that wait some are dropped: chatty ones, then replays, then others; starts and ends last; of each the oldest. */
  const dropSurplus = async (tx: DatabaseClient, tenant: string): Promise<void> => {
    const [{ surplus } = { surplus: 0 }] = await tx.$queryRaw<{ surplus: number }[]>`
      select count(*)::int - ${maxPendingDeliveries}::int as surplus from "Delivery" where tenant = ${tenant} and status = 'pending'`
    if (surplus <= 0) return
    await tx.$executeRaw`
      with dropped as (
        update "Delivery" set status = 'dropped', "finishedAt" = now(), "nextAt" = null, "leaseToken" = null, "leaseUntil" = null
        where id in (
          select id from "Delivery" where tenant = ${tenant} and status = 'pending' and ("leaseUntil" is null or "leaseUntil" <= now())
          order by
            case when type = any(${[...chattyTypes]}) then 0 when "isReplay" then 1 when type <> all(${[...startsAndEnds]}) then 2 else 3 end,
            position
          limit ${surplus}::int for update skip locked)
        returning "webhookId"
      )
      update "Webhook" set dropped = dropped + counted.lost
      from (select "webhookId", count(*)::int as lost from dropped group by 1) as counted where "Webhook".id = counted."webhookId"`
  }

  return { readCursor, findAudience, store }
}

export type DispatchRepository = ReturnType<typeof createDispatchRepository>
