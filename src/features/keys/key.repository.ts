/** Keys in PostgreSQL, so that what one API process makes or revokes all others know within a second. */
import { maxDeadKeys, maxKeys } from '../../api/key.schema.ts'
import type { PageRequest } from '../../api/page.schema.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { findIds, newestIds } from '../page.repository.ts'
import type { ApiKey } from './key.ts'

/** A key with what checks its secret, by the database's clock. */
export type CheckedKey = ApiKey & { hash: Uint8Array; isExpired: boolean }
export type NewApiKey = Pick<ApiKey, 'id' | 'tenant' | 'name' | 'scope' | 'rateLimit' | 'expiresAt'> & { hash: Uint8Array<ArrayBuffer> }

export const createKeyRepository = ({ prisma, transaction, direct }: Pick<Database, 'prisma' | 'transaction' | 'direct'>) => {
  /** Stores a key, and forgets all but the newest of the tenant's dead ones. False if the tenant has too many. */
  const insert = (key: NewApiKey, afterwards: (client: DatabaseClient) => Promise<void>): Promise<boolean> =>
    transaction(async (tx) => {
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`keys of ${key.tenant}`}, 0))`
      const [row] = await tx.$queryRaw<{ count: number }[]>`
        select count(*)::int as count from "ApiKey" where tenant = ${key.tenant} and not (${isDead})`
      if (row && row.count >= maxKeys) return false
      await tx.$executeRaw`
        delete from "ApiKey" where id in (
          select id from "ApiKey" where tenant = ${key.tenant} and ${isDead} order by coalesce("revokedAt", "expiresAt") desc, id offset ${maxDeadKeys})`
      await tx.apiKey.create({ data: key })
      await afterwards(tx)
      return true
    })

  const find = async (tenant: string, id: string): Promise<ApiKey | null> =>
    (await prisma.$queryRaw<ApiKey[]>`select ${shown} from "ApiKey" where id = ${id} and tenant = ${tenant}`)[0] ?? null

  /** A page, newest first. */
  const list = async (tenant: string, page: PageRequest): Promise<{ rows: ApiKey[]; hasMore: boolean }> => {
    const ids = await findIds(prisma, newestIds('ApiKey', tenant, page))
    const rows = await prisma.$queryRaw<ApiKey[]>`
      select ${shown} from "ApiKey" where id = any(${ids.slice(0, page.limit)}) order by id desc`
    return { rows, hasMore: ids.length > page.limit }
  }

  /** False if the tenant has no such key. */
  const revoke = async (tenant: string, id: string): Promise<boolean> =>
    (await prisma.$executeRaw`update "ApiKey" set "revokedAt" = coalesce("revokedAt", now()) where id = ${id} and tenant = ${tenant}`) > 0

  /** Keys by their ids, whoever they belong to. */
  const readAll = async (ids: readonly string[]): Promise<Map<string, CheckedKey>> => {
    const rows = await direct<CheckedKey>(
      `select id, tenant, name, scope, "rateLimit", "createdAt", "expiresAt", "revokedAt", "lastUsedAt", hash,
        coalesce("expiresAt" <= now(), false) as "isExpired"
      from "ApiKey" where id = any($1)`,
      [ids],
    )
    return new Map(rows.map((row) => [row.id, row]))
  }

  /** Whether a tenant has a key that is in force. */
  const hasAny = async (tenant: string): Promise<boolean> =>
    (await prisma.$queryRaw<unknown[]>`select id from "ApiKey" where tenant = ${tenant} and not (${isDead}) limit 1`).length > 0

  /** Says that a key was shown. */
  const touch = async (id: string): Promise<void> => {
    await prisma.$executeRaw`
      update "ApiKey" set "lastUsedAt" = now() where id = ${id} and ("lastUsedAt" is null or "lastUsedAt" < now() - interval '50 seconds')`
  }

  return { insert, find, list, revoke, readAll, hasAny, touch }
}

export type KeyRepository = ReturnType<typeof createKeyRepository>

const isDead = Prisma.sql`"revokedAt" is not null or coalesce("expiresAt" <= now(), false)`

const shown = Prisma.sql`id, tenant, name, scope, "rateLimit", "createdAt", "expiresAt", "revokedAt", "lastUsedAt"`
