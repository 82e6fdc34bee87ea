/** Pages of a table, newest first. Ids grow with time: they alone give the order, and an index on (tenant, id) the page. */
import { type PageRequest, pageBytes } from '../api/page.schema.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { DatabaseClient } from '../platform/db/database-client.ts'
import { firstIdOf, type IdPrefix } from './ids.ts'

type Listed = 'Dataset' | 'Job' | 'Sweep' | 'Import'
const prefixes = { Dataset: 'ds', Job: 'job', Sweep: 'sweep', Import: 'imp' } as const satisfies Record<Listed, IdPrefix>

/** What the clocks of the machines may differ by. */
const clocksDifferMs = 10_000

/** A query for the ids of a tenant's newest rows of a page, one more than it may have; `which` is one more condition. */
export const newestIds = (table: Listed, tenant: string, page: PageRequest, which = Prisma.sql`true`): Prisma.Sql => Prisma.sql`
  select id from ${named(table)} where tenant = ${tenant} and ${idsOf(prefixes[table], page, { columns: Prisma.sql`tenant, id`, values: Prisma.sql`${tenant}` })}
    and ${createdWithin(page)} and ${which}
  order by id desc limit ${page.limit + 1}`

/**
 * A condition on ids that a page may have, behind the columns that an index has before them and the values wanted of those: as a row, since
 * the bound of an id alone would let the planner go through everybody's. Times of creation are bounds of ids too, since an id begins with its time,
 * but for what the clock that made the id and that of the database differ by: `createdWithin` is exact.
 */
export const idsOf = (
  prefix: IdPrefix,
  { after, createdAfter, createdBefore }: PageRequest,
  { columns, values }: { columns: Prisma.Sql; values: Prisma.Sql },
): Prisma.Sql => {
  const bounds = [
    ...(after ? [Prisma.sql`(${columns}) < (${values}, ${after})`] : []),
    ...(createdAfter ? [Prisma.sql`(${columns}) > (${values}, ${firstIdOf(prefix, timeOf(createdAfter) - clocksDifferMs)})`] : []),
    ...(createdBefore ? [Prisma.sql`(${columns}) < (${values}, ${firstIdOf(prefix, timeOf(createdBefore) + clocksDifferMs)})`] : []),
  ]
  return bounds.length > 0 ? Prisma.join(bounds, ' and ') : Prisma.sql`true`
}

/** A condition on "createdAt": when the things of a page were made. */
export const createdWithin = ({ createdAfter, createdBefore }: PageRequest): Prisma.Sql => {
  const bounds = [
    ...(createdAfter ? [Prisma.sql`"createdAt" > ${new Date(timeOf(createdAfter))}`] : []),
    ...(createdBefore ? [Prisma.sql`"createdAt" < ${new Date(timeOf(createdBefore))}`] : []),
  ]
  return bounds.length > 0 ? Prisma.join(bounds, ' and ') : Prisma.sql`true`
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

/** Milliseconds of a time as RFC 3339 writes it, a leap second as the second before. */
const timeOf = (text: string): number => Date.parse(text.toUpperCase().replace(/:60(?=[.Z+-])/, ':59'))
