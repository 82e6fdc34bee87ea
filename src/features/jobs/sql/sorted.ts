/** Jobs in the order of a metric, off the indexes of the table that commits keep for it. */
import { rankedMetrics } from '../../../api/curve.schema.ts'
import type { PageRequest } from '../../../api/page.schema.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { JobSort } from '../job.ts'

/** A job of a sorted page, and what it is sorted by. */
export type SortedId = { id: string; value: number }

/**
 * The query for ids and values of a page, one more than it may have. Jobs without a finite value are not there. `among` gives the ids that it is to choose from, if not
 * from all: no index has those in order, so there must be a limit on them.
 */
export const sortedJobs = (tenant: string, sort: JobSort, { limit }: PageRequest, among: Prisma.Sql | null): Prisma.Sql => {
  const value = Prisma.raw(columnOf(sort))
  const direction = Prisma.raw(sort.descending ? 'desc' : 'asc')
  const beyond = Prisma.raw(sort.descending ? '<' : '>')
  const after = sort.after
    ? Prisma.sql`(${value}, "jobId") ${beyond} (${sort.after.value}::float8, ${sort.after.id})`
    : Prisma.sql`${value} is not null`
  const listed = Prisma.sql`
    select "jobId" as id, ${value} as value from "JobMetric"
    where tenant = ${tenant} and metric = ${sort.metric} and ${after}`
  const order = Prisma.sql`order by ${value} ${direction}, "jobId" ${direction} limit ${limit + 1}`
  if (!among) return Prisma.sql`${listed} ${order}`
  return Prisma.sql`${listed} and "jobId" in (select id from (${among}) as wanted) ${order}`
}

/** Where the value is stored: of the smallest and the largest one is the best, the other the worst. */
const columnOf = ({ metric, of }: JobSort): 'best' | 'worst' | 'last' => {
  if (of === 'best' || of === 'last') return of
  return (of === 'min') === (rankedMetrics.get(metric) === 'lower') ? 'best' : 'worst'
}
