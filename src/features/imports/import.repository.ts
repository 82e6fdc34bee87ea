/** Imports in PostgreSQL, so that what one API process began another goes on with. */
import { keptImportDays, maxOpenImports } from '../../api/import.schema.ts'
import type { PageRequest } from '../../api/page.schema.ts'
import { channels } from '../../contracts/queue.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { findIds, fittingIds, newestIds } from '../page.repository.ts'
import type { Import, ImportClaim, ImportRequest } from './import.ts'

/** How long a process that fetches may be silent before it counts as dead. */
const leaseSeconds = 10
/** Imports that are removed in one go. */
const removedAtOnce = 1000

export const createImportRepository = ({ prisma, transaction }: Pick<Database, 'prisma' | 'transaction'>) => {
  /** Begins an import; false if the tenant has too many that are not over. */
  const insert = (
    id: string,
    tenant: string,
    { options, ...rest }: ImportRequest,
    afterwards?: (client: DatabaseClient) => Promise<void>,
  ): Promise<boolean> =>
    transaction(async (tx) => {
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`imports of ${tenant}`}, 0))`
      if ((await tx.import.count({ where: { tenant, status: { in: ['queued', 'running'] } } })) >= maxOpenImports) return false
      await tx.import.create({ data: { id, tenant, ...rest, options: options as Prisma.InputJsonObject } })
      await afterwards?.(tx)
      return true
    })

  const find = async (tenant: string, id: string): Promise<Import | null> =>
    (await prisma.$queryRaw<Import[]>`select ${shown} from "Import" where id = ${id} and tenant = ${tenant}`)[0] ?? null

  /** A page, newest first: `limit` of them, or as many as fit into a page's bytes. */
  const list = async (tenant: string, page: PageRequest): Promise<{ rows: Import[]; hasMore: boolean }> => {
    const ids = await findIds(prisma, newestIds('Import', tenant, page))
    const rows = await prisma.$queryRaw<Import[]>`
      select ${shown} from "Import" where id in (select id from (${fittingIds('Import', ids, page, bytes)}) as page) order by id desc`
    return { rows, hasMore: ids.length > rows.length }
  }

  /** Takes the next import that nobody fetches, of the tenant with the fewest that are fetched; null if there is none. */
  const claim = async (): Promise<ImportClaim | null> => {
    const [claimed] = await prisma.$queryRaw<ImportClaim[]>`
      with next as (
        select id from "Import" import where status = 'queued' or (status = 'running' and "leaseUntil" <= now())
        order by (select count(*) from "Import" other where other.tenant = import.tenant and other.status = 'running' and other."leaseUntil" > now()), id
        limit 1 for update skip locked
      )
      update "Import" set status = 'running', attempts = attempts + 1, "bytesRead" = 0, "leaseToken" = gen_random_uuid(),
        "leaseUntil" = now() + ${leaseSeconds} * interval '1 second', "startedAt" = coalesce("startedAt", now())
      from next where "Import".id = next.id
      returning "Import".id, tenant, url, "contentType", "contentEncoding", options, "leaseToken"::text as token, attempts, ${woken}`
    return claimed ?? null
  }

  /** Says that it goes on; false if it was cancelled or somebody else has it. */
  const renew = async (claimed: ImportClaim, bytesRead: number): Promise<boolean> => {
    const rows = await prisma.$queryRaw<unknown[]>`
      with before as (select id, "bytesRead" from "Import" where id = ${claimed.id}), renewed as (
        update "Import" set "bytesRead" = ${bytesRead}::bigint, "leaseUntil" = now() + ${leaseSeconds} * interval '1 second'
        where ${held(claimed)} returning id
      )
      select renewed.id, case when before."bytesRead" <> ${bytesRead}::bigint then pg_notify(${channels.import}, before.id)::text end as woken
      from renewed join before on before.id = renewed.id`
    return rows.length > 0
  }

  /** Whether the claim still holds. */
  const isHeld = async (claimed: ImportClaim): Promise<boolean> =>
    (await prisma.$queryRaw<unknown[]>`select id from "Import" where ${held(claimed)}`).length > 0

  /** Says which dataset it became, in the transaction that stores that; false if it was cancelled or somebody else has it. */
  const succeed = async (
    client: DatabaseClient,
    claimed: ImportClaim,
    { datasetId, bytesRead }: { datasetId: string; bytesRead: number },
  ): Promise<boolean> => {
    const rows = await client.$queryRaw<unknown[]>`
      update "Import" set status = 'succeeded', "datasetId" = ${datasetId}, "bytesRead" = ${bytesRead}::bigint, "finishedAt" = now(),
        "leaseToken" = null, "leaseUntil" = null
      where ${held(claimed)} returning ${woken}`
    return rows.length > 0
  }

  const fail = async (claimed: ImportClaim, error: NonNullable<Import['error']>, bytesRead: number): Promise<void> => {
    await prisma.$queryRaw`
      update "Import" set status = 'failed', error = ${JSON.stringify(error)}::jsonb, "bytesRead" = ${bytesRead}::bigint, "finishedAt" = now(),
        "leaseToken" = null, "leaseUntil" = null
      where ${held(claimed)} returning ${woken}`
  }

  /** Gives it back, for another process. */
  const release = async (claimed: ImportClaim): Promise<void> => {
    await prisma.$queryRaw`
      update "Import" set status = 'queued', attempts = attempts - 1, "leaseToken" = null, "leaseUntil" = null
      where ${held(claimed)} returning ${woken}`
  }

  /** Ends it at once, whoever fetches it; false if it is over already. */
  const cancel = (tenant: string, id: string, afterwards?: (client: DatabaseClient) => Promise<void>): Promise<boolean> =>
    transaction(async (tx) => {
      const rows = await tx.$queryRaw<unknown[]>`
        update "Import" set status = 'cancelled', "finishedAt" = now(), "leaseToken" = null, "leaseUntil" = null
        where id = ${id} and tenant = ${tenant} and status in ('queued', 'running') returning ${woken}`
      if (rows.length > 0) await afterwards?.(tx)
      return rows.length > 0
    })

  /** Deletes one that is over; gives false if there is none. */
  const remove = async (tenant: string, id: string): Promise<boolean> =>
    (await prisma.import.deleteMany({ where: { id, tenant, status: { notIn: ['queued', 'running'] } } })).count > 0

  /** Deletes some of those that were over long ago. */
  const removeOld = async (): Promise<{ removed: number; more: boolean }> => {
    const removed = await prisma.$executeRaw`
      delete from "Import" where id in (
        select id from "Import" where status in ('succeeded', 'failed', 'cancelled') and "finishedAt" < now() - ${keptImportDays} * interval '1 day'
        limit ${removedAtOnce})`
    return { removed, more: removed === removedAtOnce }
  }

  return { insert, find, list, claim, renew, isHeld, succeed, fail, release, cancel, remove, removeOld }
}

export type ImportRepository = ReturnType<typeof createImportRepository>

const shown = Prisma.sql`id, tenant, url, "contentType", "contentEncoding", options, status, "bytesRead"::float8 as "bytesRead", "datasetId", error,
  "createdAt", "startedAt", "finishedAt"`
/** What an entry of the list takes. */
const bytes = Prisma.sql`octet_length(url) + octet_length(options::text) + coalesce(octet_length(error::text), 0)`
const woken = Prisma.sql`pg_notify(${channels.import}, "Import".id)::text as woken`
const held = ({ id, token }: ImportClaim): Prisma.Sql => Prisma.sql`id = ${id} and status = 'running' and "leaseToken" = ${token}::uuid`
