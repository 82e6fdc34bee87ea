/** First answers to POSTs with an Idempotency-Key, in PostgreSQL, so that every API process knows them. */
import type { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database.ts'

/** An answer as it was sent. */
export type StoredAnswer = { status: number; headers: Record<string, string>; body: string }

/** What a key is known for; without an answer while its first request is running. */
export type StoredKey = { fingerprint: string; answer: StoredAnswer | null }

/** How long a key is remembered, and how long a first request may run before it counts as lost with its process. */
export const rememberedHours = 24
const lostAfterMinutes = 10

export const createIdempotencyRepository = ({ prisma }: Database) => {
  /** Takes a key for a request that is about to run. False where it is taken; keys that are too old are free. */
  const reserve = async (tenant: string, key: string, fingerprint: string): Promise<boolean> => {
    await prisma.$executeRaw`
      delete from "IdempotencyKey" where "createdAt" < now() - ${rememberedHours} * interval '1 hour'
        or (tenant = ${tenant} and key = ${key} and status is null and "createdAt" < now() - ${lostAfterMinutes} * interval '1 minute')`
    const taken = await prisma.$executeRaw`
      insert into "IdempotencyKey" (tenant, key, fingerprint) values (${tenant}, ${key}, ${fingerprint}) on conflict do nothing`
    return taken === 1
  }

  const find = async (tenant: string, key: string): Promise<StoredKey | null> => {
    const row = await prisma.idempotencyKey.findUnique({ where: { tenant_key: { tenant, key } } })
    if (!row) return null
    const { fingerprint, status, headers, body } = row
    return {
      fingerprint,
      answer: status === null ? null : { status, headers: (headers ?? {}) as Record<string, string>, body: body ?? '' },
    }
  }

  /** Keeps the first answer. The fingerprint comes again, since a streamed body's is known only at its end. */
  const complete = async (tenant: string, key: string, fingerprint: string, { status, headers, body }: StoredAnswer): Promise<void> => {
    await prisma.idempotencyKey.updateMany({
      where: { tenant, key },
      data: { fingerprint, status, headers: headers as Prisma.InputJsonObject, body },
    })
  }

  /** Gives a key back whose request came to nothing. */
  const release = async (tenant: string, key: string): Promise<void> => {
    await prisma.idempotencyKey.deleteMany({ where: { tenant, key, status: { equals: null } } })
  }

  return { reserve, find, complete, release }
}

export type IdempotencyRepository = ReturnType<typeof createIdempotencyRepository>
