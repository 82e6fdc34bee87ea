/** Pages of a table, newest first. Ids grow with time: they alone give the order, and an index on (tenant, id) the page. */
import { type Created, type PageRequest, pageBytes } from '../api/page.schema.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { DatabaseClient } from '../platform/db/database-client.ts'
import { firstIdOf, type IdPrefix } from './ids.ts'
import { spellings } from './jobs/metadata-spellings.ts'
import { toMoment } from './moment.ts'

type Listed = 'Dataset' | 'Job' | 'Sweep' | 'Import' | 'ApiKey' | 'Trainer' | 'Webhook' | 'Prediction'
const prefixes = {
  Dataset: 'ds',
  Job: 'job',
  Sweep: 'sweep',
  Import: 'imp',
  ApiKey: 'key',
  Trainer: 'trn',
  Webhook: 'whk',
  Prediction: 'pred',
} as const satisfies Record<Listed, IdPrefix>

/** What the clocks of the machines may differ by. */
const clocksDifferMs = 10_000

/**
 * A query for the ids of a tenant's newest rows of a page, one more than it may have; `which` is one more condition. Bounds and order are those
 * of the index on tenant and id: an order by id alone would let the planner go through everybody's.
 */
export const newestIds = (table: Listed, tenant: string, page: PageRequest, which = Prisma.sql`true`): Prisma.Sql => {
  const { above = '', below = afterAllIds } = boundsOf(prefixes[table], page)
  return Prisma.sql`
    select id from ${named(table)} where (tenant, id) > (${tenant}, ${above}) and (tenant, id) < (${tenant}, ${below})
      and ${createdWithin(page)} and ${which}
    order by tenant desc, id desc limit ${page.limit + 1}`
}

/** A condition on a column of ids: those that a page may have. */
export const idsOf = (prefix: IdPrefix, page: PageRequest, id = Prisma.sql`id`): Prisma.Sql => {
  const { above, below } = boundsOf(prefix, page)
  const bounds = [...(above ? [Prisma.sql`${id} > ${above}`] : []), ...(below ? [Prisma.sql`${id} < ${below}`] : [])]
  return bounds.length > 0 ? Prisma.join(bounds, ' and ') : Prisma.sql`true`
}

/**
 * The same of those rows whose metadata, which has an index of its own, has all these entries. The planner knows how many rows have one: it reads those of few
 * out of that index, and goes through the tenant's newest where many do.
 */
export const newestWithMetadata = (
  table: 'Dataset',
  tenant: string,
  metadata: Record<string, string>,
  page: PageRequest,
  which = Prisma.sql`true`,
): Prisma.Sql => {
  const entries = Object.entries(metadata).map(([key, value]) => {
    const either = spellings(value).map((spelling) => Prisma.sql`metadata @> ${JSON.stringify({ [key]: spelling })}::jsonb`)
    return Prisma.sql`(${Prisma.join(either, ' or ')})`
  })
  if (entries.length === 0) return newestIds(table, tenant, page, which)
  // The planner does not know how many rows a comparison of rows leaves, and where one tenant is named it would go through everybody's for its order.
  return Prisma.sql`
    select id from ${named(table)} where tenant between ${tenant} and ${tenant} and ${idsOf(prefixes[table], page)}
      and ${createdWithin(page)} and ${which} and ${Prisma.join(entries, ' and ')}
    order by tenant desc, id desc limit ${page.limit + 1}`
}

/** Greater than every id. */
const afterAllIds = 'z'.repeat(32)

/** A condition on "createdAt": when the things of a page were made. */
export const createdWithin = ({ createdAfter, createdBefore }: Created): Prisma.Sql => {
  const bounds = [
    ...(createdAfter ? [Prisma.sql`"createdAt" > ${toMoment(createdAfter)}`] : []),
    ...(createdBefore ? [Prisma.sql`"createdAt" < ${toMoment(createdBefore)}`] : []),
  ]
  return bounds.length > 0 ? Prisma.join(bounds, ' and ') : Prisma.sql`true`
}

/** The ids that such a query finds, in its order. */
export const findIds = async (client: DatabaseClient, query: Prisma.Sql): Promise<string[]> => {
  const rows = await client.$queryRaw<{ id: string }[]>(query)
  return rows.map(({ id }) => id)
}

/** A query for those of the ids, in their order, that make the page: `limit` of them, or as many as fit into a page's bytes, but one at least. */
export const fittingIds = (table: Listed, ids: readonly string[], { limit }: PageRequest, bytes: Prisma.Sql): Prisma.Sql => Prisma.sql`
  select id from (
    select id, row_number() over listed as place, sum(bytes) over listed as total
    from (select id, ${bytes} as bytes from ${named(table)} where id = any(${ids})) as sized window listed as (order by array_position(${ids}::text[], id))
  ) as placed where place <= ${limit} and (place = 1 or total <= ${pageBytes})`

/**
 * Ids between which those of a page are. Times of creation are bounds of ids too, since an id begins with its time, but for what the clock
 * that made the id and that of the database differ by: `createdWithin` is exact.
 */
const boundsOf = (prefix: IdPrefix, { after, createdAfter, createdBefore }: PageRequest): { above?: string; below?: string } => {
  const above = createdAfter && firstIdOf(prefix, toMoment(createdAfter).getTime() - clocksDifferMs)
  const before = createdBefore && firstIdOf(prefix, toMoment(createdBefore).getTime() + clocksDifferMs)
  const below = after && before ? (after < before ? after : before) : (after ?? before)
  return { above, below }
}

const named = (table: Listed): Prisma.Sql => Prisma.raw(`"${table}"`)
