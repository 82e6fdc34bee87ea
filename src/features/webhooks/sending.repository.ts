/** Deliveries as who sends them sees them. Every write names the claim, so that who comes back late writes nothing. */
import { type Attempt, attemptMs } from '../../api/delivery.schema.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { must } from '../../numerics/must.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { chattyMs, chattyTypes } from './chatty.ts'
import type { Secrets } from './webhook.ts'

/** The right to send a delivery, for a little longer than that may take. */
export type DeliveryClaim = {
  id: string
  webhookId: string
  tenant: string
  token: string
  type: string
  body: string
  /** This one included. */
  attempts: number
  /** Nothing else waited for the webhook. */
  isOnly: boolean
  url: string
  /** Times in a row that the receiver was not reached before. */
  failures: number
  /** Null: those of the tenant. */
  secrets: Secrets | null
}

/** What is to come of an attempt that failed. */
export type Failure = {
  /** Seconds until the next; null: there is none. */
  retrySeconds: number | null
  /** Seconds for which the receiver is left alone, if it was not reached. */
  pauseSeconds: number | null
  /** The receiver wants to hear no more. */
  isGone: boolean
}

const leaseSeconds = attemptMs / 1000 + 5
/** Attempts of one webhook at a time while its receiver is there; one while it is not. */
const attemptsAtOnce = 2
/** About so many attempts of a tenant run at a time, whoever makes them: who has many receivers that hang leaves room for others. */
const attemptsOfTenant = 64
/** Seconds after which a webhook whose wake-up nobody heard is woken again. */
const wokenSeconds = 2
/** Webhooks that are woken in one round. */
const wokenAtOnce = 1000

type Row = Omit<DeliveryClaim, 'secrets'> & { secret: Uint8Array | null; previousSecret: Uint8Array | null; previousUntil: Date | null }

export const createSendingRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /**
   * Takes the next delivery of a webhook: the oldest that is due and has none of its job before it; null if there is none for now. What is
   * replayed comes last, and only other replays wait for it.
   */
  const claim = async (webhookId: string): Promise<DeliveryClaim | null> => {
    const [row] = await prisma.$queryRaw<Row[]>`
      with webhook as (
        select * from "Webhook" where id = ${webhookId} and status = 'enabled' and ("retryAt" is null or "retryAt" <= now()) for no key update
      ), busy as (
        select count(*)::int as attempts, count(*) filter (where delivery."webhookId" = ${webhookId})::int as here
        from "Delivery" delivery join webhook on webhook.tenant = delivery.tenant where delivery.status = 'pending' and "leaseUntil" > now()
      ), next as (
        select delivery.id from "Delivery" delivery, webhook, busy
        where delivery."webhookId" = ${webhookId} and delivery.status = 'pending' and ${isDue(Prisma.sql`delivery.`)}
          and busy.attempts < ${attemptsOfTenant}::int and busy.here < case when webhook.failures > 0 then 1 else ${attemptsAtOnce}::int end
          and not exists (
            select from "Delivery" earlier where earlier."webhookId" = ${webhookId} and earlier."jobId" = delivery."jobId"
              and earlier.status = 'pending' and earlier.position < delivery.position and earlier."isReplay" <= delivery."isReplay")
        order by delivery."isReplay", delivery.position limit 1 for update of delivery skip locked
      )
      update "Delivery" set "leaseToken" = gen_random_uuid(), "leaseUntil" = now() + ${leaseSeconds} * interval '1 second', attempts = attempts + 1
      from next, webhook where "Delivery".id = next.id
      returning "Delivery".id, "webhookId", "Delivery".tenant, "leaseToken"::text as token, type, body, attempts, url, failures,
        secret, "previousSecret", "previousUntil",
        not exists (select from "Delivery" other where other."webhookId" = ${webhookId} and other.status = 'pending' and other.id <> next.id) as "isOnly"`
    if (!row) return null
    const { secret, previousSecret, previousUntil, ...claimed } = row
    return { ...claimed, secrets: secret && { secret, previousSecret, previousUntil } }
  }

  /** It was told. What waited for a receiver that is back is due at once. Gives whether anything waits for it. */
  const succeed = async (claimed: DeliveryClaim, last: Attempt): Promise<boolean> => {
    const [found] = await prisma.$queryRaw<{ isMore: boolean }[]>`
      with told as (
        update "Delivery" set ${over('delivered')}, last = ${JSON.stringify(last)}::jsonb where ${held(claimed)} returning id
      ), back as (
        update "Webhook" set failures = 0, "retryAt" = null from told where "Webhook".id = ${claimed.webhookId} and failures > 0 returning "Webhook".id
      ), due as (
        update "Delivery" set "nextAt" = now() from back
        where "webhookId" = back.id and "Delivery".id <> ${claimed.id} and status = 'pending' and attempts > 0 and "nextAt" > now()
      )
      select exists (select from "Delivery" where "webhookId" = ${claimed.webhookId} and status = 'pending' and id <> ${claimed.id}) as "isMore"`
    const isMore = found?.isMore ?? true
    if (claimed.attempts === 1 || !chattyTypes.includes(claimed.type)) return isMore
    // The next of its kind was timed by when this one was first sent.
    await prisma.$executeRaw`
      update "Delivery" set "nextAt" = greatest("nextAt", now() + ${chattyMs} * interval '1 millisecond')
      where "webhookId" = ${claimed.webhookId} and status = 'pending' and type = ${claimed.type}
        and "jobId" = (select "jobId" from "Delivery" where id = ${claimed.id})`
    return isMore
  }

  /** It was not told: it is tried again, or is over. */
  const fail = async (claimed: DeliveryClaim, last: Attempt, { retrySeconds, pauseSeconds, isGone }: Failure): Promise<void> => {
    const then = retrySeconds === null ? over('failed') : Prisma.sql`${letGo}, "nextAt" = now() + ${retrySeconds} * interval '1 second'`
    const receiver = isGone
      ? Prisma.sql`status = 'disabled', "disabledReason" = 'gone', "updatedAt" = now(), failures = 0, "retryAt" = null`
      : pauseSeconds === null
        ? Prisma.sql`failures = 0, "retryAt" = null`
        : Prisma.sql`failures = failures + 1, "retryAt" = now() + ${pauseSeconds} * interval '1 second'`
    await prisma.$executeRaw`
      with told as (
        update "Delivery" set ${then}, last = ${JSON.stringify(last)}::jsonb where ${held(claimed)} returning id
      )
      update "Webhook" set ${receiver} from told where "Webhook".id = ${claimed.webhookId}`
  }

  /** Gives it back untried, for another process. */
  const release = async (claimed: DeliveryClaim): Promise<void> => {
    await prisma.$executeRaw`update "Delivery" set ${letGo}, attempts = attempts - 1 where ${held(claimed)}`
  }

  /** Webhooks with something that is due and that nobody sends, of each tenant as many as may be sent to; each is named once in a while. */
  const wakeDue = async (): Promise<string[]> => {
    const rows = await prisma.$queryRaw<{ id: string }[]>`
      with due as (
        select webhook.id, row_number() over (partition by webhook.tenant order by bool_and(delivery."isReplay"), min(delivery.position)) as place
        from "Delivery" delivery join "Webhook" webhook on webhook.id = delivery."webhookId"
        where delivery.status = 'pending' and ${isDue(Prisma.sql`delivery.`)} and ${isAwake}
        group by webhook.id, webhook.tenant
      )
      update "Webhook" webhook set "wokenAt" = now()
      from (select id from due where place <= ${attemptsOfTenant} order by place limit ${wokenAtOnce}) as first
      where webhook.id = first.id and ${isAwake} returning webhook.id`
    return rows.map(({ id }) => id)
  }

  /** What signs for a tenant's jobs; `fresh` does from now on if nothing did. */
  const tenantSecrets = async (tenant: string, fresh: Uint8Array): Promise<Secrets> => {
    await prisma.$executeRaw`insert into "WebhookSecret" (tenant, secret) values (${tenant}, ${fresh}::bytea) on conflict (tenant) do nothing`
    const rows = await prisma.$queryRaw<Secrets[]>`
      select secret, "previousSecret", "previousUntil" from "WebhookSecret" where tenant = ${tenant}`
    return must(rows, 0)
  }

  return { claim, succeed, fail, release, wakeDue, tenantSecrets }
}

export type SendingRepository = ReturnType<typeof createSendingRepository>

const isDue = (table: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`${table}"nextAt" <= now() and (${table}"leaseUntil" is null or ${table}"leaseUntil" <= now())`

/** It may be sent to, and was not woken just now. */
const isAwake = Prisma.sql`webhook.status = 'enabled' and (webhook."retryAt" is null or webhook."retryAt" <= now())
  and (webhook."wokenAt" is null or webhook."wokenAt" < now() - ${wokenSeconds} * interval '1 second')`

const held = ({ id, token }: DeliveryClaim): Prisma.Sql => Prisma.sql`id = ${id} and "leaseToken" = ${token}::uuid and status = 'pending'`

const letGo = Prisma.sql`"leaseToken" = null, "leaseUntil" = null`

const over = (status: string): Prisma.Sql => Prisma.sql`status = ${status}, "finishedAt" = now(), "nextAt" = null, ${letGo}`
