/** Pages of a table, newest first. Ids grow with time: they alone give the order, and an index on (tenant, id) the page. */
import { type PageRequest, pageBytes } from '../api/page.schema.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { DatabaseClient } from '../platform/db/database-client.ts'

type Listed = 'Dataset' | 'Job' | 'Sweep' | 'Import'

/** A query for the ids of a tenant's newest rows before `after`, one more than the page may have; `which` is one more condition. */
export const newestIds = (table: Listed, tenant: string, { after, limit }: PageRequest, which = Prisma.sql`true`): Prisma.Sql => {
  const before = after ? Prisma.sql`id < ${after}` : Prisma.sql`true`
  return Prisma.sql`
    select id from ${named(table)} where tenant = ${tenant} and ${before} and ${which} order by id desc limit ${limit + 1}`
}

/** The ids that such a query finds, in its order. */
export const findIds = async (client: DatabaseClient, query: Prisma.Sql): Promise<string[]> => {
  const rows = await client.$queryRaw<{ id: string }[]>(query)
  return rows.map(({ id }) => id)
}

/** A query for those of the ids that make the page: `limit` of them, or as many as fit into a page's bytes, but one at least. */
export const fittingIds = (table: Listed, ids: readonly string[], { limit }: PageRequest, bytes: Prisma.Sql): Prisma.Sql => Prisma.sql`
  select id from (
    select id, row_number() over newest as place, sum(bytes) over newest as total
    from (select id, ${bytes} as bytes from ${named(table)} where id = any(${ids})) as sized window newest as (order by id desc)
  ) as placed where place <= ${limit} and (place = 1 or total <= ${pageBytes})`

const named = (table: Listed): Prisma.Sql => Prisma.raw(`"${table}"`)
