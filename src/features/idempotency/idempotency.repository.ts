/** First answers to POSTs with an Idempotency-Key, in PostgreSQL, so that every API process knows them. */
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { rememberedHours } from './remembered.ts'

/** An answer as it was sent. */
export type StoredAnswer = { status: number; headers: Record<string, string>; body: string }

/** What is known of an answer as soon as its request has done what it does; `resource` is `jobs/job_…`. */
export type Outcome = Omit<StoredAnswer, 'body'> & { resource: string }

/** What a key is known for. The first request runs, or did what it does, or has been answered. */
export type StoredKey =
  | { state: 'running' }
  | ({ state: 'done'; fingerprint: string } & Outcome)
  | ({ state: 'answered'; fingerprint: string } & StoredAnswer)

/** Who holds a key: the token is of one attempt, and the row has it for as long as nobody took the key over. */
export type Holder = { tenant: string; key: string; token: string }

/** How long a first request counts as running after the last sign of life of its process. */
const keyLeaseSeconds = 15

const lease = Prisma.sql`clock_timestamp() + ${keyLeaseSeconds} * interval '1 second'`

export const createIdempotencyRepository = ({ prisma }: Database) => {
  /** Takes a key for a request that is about to run: one that is new, too old, or left behind by a process that died. */
  const reserve = async ({ tenant, key, token }: Holder): Promise<boolean> => {
    const taken = await prisma.$executeRaw`
      insert into "IdempotencyKey" (tenant, key, fingerprint, token, "leaseUntil") values (${tenant}, ${key}, '', ${token}::uuid, ${lease})
      on conflict do nothing`
    return taken === 1 || takeOver({ tenant, key, token })
  }

  const takeOver = async ({ tenant, key, token }: Holder): Promise<boolean> => {
    const taken = await prisma.$executeRaw`
      update "IdempotencyKey" set fingerprint = '', token = ${token}::uuid, "leaseUntil" = ${lease},
        status = null, headers = null, body = null, resource = null, "createdAt" = now()
      where (tenant, key) in (
        select tenant, key from "IdempotencyKey" where tenant = ${tenant} and key = ${key} and (
          "createdAt" < now() - ${rememberedHours} * interval '1 hour'
          or (status is null and coalesce("leaseUntil", "createdAt" + interval '1 minute') < clock_timestamp())
        ) for update skip locked
      )`
    return taken === 1
  }

  /** Says that the requests that hold these keys still run. */
  const renew = async (tokens: string[]): Promise<void> => {
    await prisma.$executeRaw`update "IdempotencyKey" set "leaseUntil" = ${lease} where token = any(${tokens}::uuid[]) and status is null`
  }

  const find = async (tenant: string, key: string): Promise<StoredKey | null> => {
    const row = await prisma.idempotencyKey.findUnique({ where: { tenant_key: { tenant, key } } })
    if (!row) return null
    const { fingerprint, status, body, resource } = row
    const headers = (row.headers ?? {}) as Record<string, string>
    if (status === null) return { state: 'running' }
    if (body === null && resource !== null) return { state: 'done', fingerprint, status, headers, resource }
    return { state: 'answered', fingerprint, status, headers, body: body ?? '' }
  }

  /** Writes what came of the request, in the transaction that did it. False if somebody else holds the key by now. */
  const record = async (
    client: DatabaseClient,
    { tenant, key, token }: Holder,
    fingerprint: string,
    outcome: Outcome,
  ): Promise<boolean> => {
    const { status, headers, resource } = outcome
    const { count } = await client.idempotencyKey.updateMany({
      where: { tenant, key, token },
      data: { fingerprint, status, headers, resource },
    })
    return count === 1
  }

  /** Keeps the first answer. */
  const complete = async ({ tenant, key, token }: Holder, fingerprint: string, { status, headers, body }: StoredAnswer): Promise<void> => {
    await prisma.idempotencyKey.updateMany({ where: { tenant, key, token }, data: { fingerprint, status, headers, body } })
  }

  /** Gives a key back whose request came to nothing; one that did what it does keeps it. */
  const release = async ({ tenant, key, token }: Holder): Promise<void> => {
    await prisma.idempotencyKey.deleteMany({ where: { tenant, key, token, status: null } })
  }

  return { reserve, renew, find, record, complete, release }
}

export type IdempotencyRepository = ReturnType<typeof createIdempotencyRepository>
