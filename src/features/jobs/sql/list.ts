/** A page of jobs, read without what makes a config large, and cut once it has so many bytes. */
import type { PageRequest } from '../../../api/page.schema.ts'
import type { JobStatus } from '../../../contracts/lifecycle.ts'
import { type Job as JobRow, Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { createdWithin, findIds, fittingIds, idsOf, newestIds } from '../../page.repository.ts'
import type { JobFilter, SortedBy } from '../job.ts'
import { spellings } from '../metadata-spellings.ts'
import { type SortedId, sortedJobs } from './sorted.ts'

/** A job's row whose config may lack its long lists; `omitted` says where. */
export type ListedRow = JobRow & { omitted: string[] | null; sortedBy?: SortedBy }

/** Jobs that a filter may leave to be sorted by a metric: the newest of them. */
export const mostSorted = 10_000

/** The rows of a page in order, and whether more come after them: `limit` of them, or as many as fit into a page's bytes. */
export const listJobs = async (
  client: DatabaseClient,
  tenant: string,
  filter: JobFilter,
  page: PageRequest,
): Promise<{ rows: ListedRow[]; hasMore: boolean }> => {
  const { sort } = filter
  const sorted = sort && (await client.$queryRaw<SortedId[]>(sortedJobs(tenant, sort, page, wantedJobs(tenant, filter, page))))
  const ids = sorted ? sorted.map(({ id }) => id) : await findIds(client, newestJobs(tenant, filter, page))
  const rows = await client.$queryRaw<ListedRow[]>`
    select job.id, job.tenant, job.status, coalesce(job.summary->'config', job.config) as config, job.summary->'omitted' as omitted,
      job."datasetId", job.metadata, job.engine, job.epoch, job.epochs, job.fraction, job."latestLoss", job.result, job."errorCode",
      job."errorMessage", job.seconds, job.revision, job."restartCount", job.restarts, job."createdAt", job."queuedAt", job."startedAt", job."finishedAt"
    from "Job" job join (${fittingIds('Job', ids, page, bytes)}) as page on page.id = job.id
    order by array_position(${ids}::text[], job.id)`
  const values = new Map(sorted?.map(({ id, value }) => [id, value]))
  const listed = sort
    ? rows.map((row) => ({ ...row, sortedBy: { metric: sort.metric, of: sort.of, value: values.get(row.id) ?? 0 } }))
    : rows
  return { rows: listed, hasMore: ids.length > rows.length }
}

/** What an entry of the list takes. */
const bytes = Prisma.sql`octet_length(coalesce(summary->'config', config)::text) + coalesce(octet_length(result::text), 0)`

/**
 * The query for a page's ids. Each filter is answered by an index that has its ids in order: it reads as many as the page has, however many
 * jobs there are and wherever those that match lie. Several are joined by id.
 */
export const newestJobs = (tenant: string, { statuses = [], metadata }: JobFilter, page: PageRequest): Prisma.Sql => {
  const lists = [
    ...(statuses.length > 0 ? [[...new Set(statuses)].map((status) => ofStatus(tenant, status, page))] : []),
    ...Object.entries(metadata).map(([key, value]) => spellings(value).map((spelling) => ofTerm(tenant, key, spelling, page))),
  ]
  const [first, ...others] = lists
  if (!first) return newestIds('Job', tenant, page)
  const conditions = others.map((list) => Prisma.sql`id in (${Prisma.join(list, ' union all ')})`)
  if (page.createdAfter || page.createdBefore)
    conditions.push(Prisma.sql`exists (select from "Job" job where job.id = listed.id and ${createdWithin(page)})`)
  const which = conditions.length > 0 ? Prisma.join(conditions, ' and ') : Prisma.sql`true`
  return Prisma.sql`
    select id from (${Prisma.join(first, ' union all ')}) as listed where ${which} order by id desc limit ${page.limit + 1}`
}

/** The newest jobs that a filter leaves; null if it leaves all. */
const wantedJobs = (tenant: string, filter: JobFilter, page: PageRequest): Prisma.Sql | null => {
  const { statuses = [], metadata } = filter
  const isFiltered = statuses.length > 0 || Object.keys(metadata).length > 0 || page.createdAfter || page.createdBefore
  return isFiltered ? newestJobs(tenant, filter, { ...page, after: undefined, limit: mostSorted - 1 }) : null
}

const ofStatus = (tenant: string, status: JobStatus, page: PageRequest): Prisma.Sql => Prisma.sql`
  select id from "JobIndex" where tenant = ${tenant} and status = ${status}
    and ${idsOf('job', page)}`

const ofTerm = (tenant: string, key: string, value: string | number, page: PageRequest): Prisma.Sql => Prisma.sql`
  select "jobId" as id from "JobMetadata"
  where tenant = ${tenant} and term = metadata_term(${key}, ${JSON.stringify(value)}::jsonb)
    and ${idsOf('job', page, Prisma.sql`"jobId"`)}`
