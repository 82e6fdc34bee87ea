/** A page of jobs, read without what makes a config large, and cut once it has so many bytes. */
import type { PageRequest } from '../../../api/page.schema.ts'
import { type Job as JobRow, Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { findIds, fittingIds, newestIds } from '../../page.repository.ts'
import type { JobFilter } from '../job.ts'

/** A job's row whose config may lack its long lists; `omitted` says where. */
export type ListedRow = JobRow & { omitted: string[] | null }

/** The rows of a page, newest first, and whether more come after them: `limit` of them, or as many as fit into a page's bytes. */
export const listJobs = async (
  client: DatabaseClient,
  tenant: string,
  filter: JobFilter,
  page: PageRequest,
): Promise<{ rows: ListedRow[]; hasMore: boolean }> => {
  const ids = await findIds(client, newestJobs(tenant, filter, page))
  const rows = await client.$queryRaw<ListedRow[]>`
    select job.id, job.tenant, job.status, coalesce(job.summary->'config', job.config) as config, job.summary->'omitted' as omitted,
      job."datasetId", job.metadata, job.engine, job.epoch, job.epochs, job.fraction, job."latestLoss", job.result, job."errorCode",
      job."errorMessage", job.seconds, job.revision, job."createdAt", job."queuedAt", job."startedAt", job."finishedAt"
    from "Job" job join (${fittingIds('Job', ids, page, bytes)}) as page on page.id = job.id
    order by job.id desc`
  return { rows, hasMore: ids.length > rows.length }
}

/** What an entry of the list takes. */
const bytes = Prisma.sql`octet_length(coalesce(summary->'config', config)::text) + coalesce(octet_length(result::text), 0)`

/** The query for a page's ids. Metadata is looked for by containment, which the index on it can answer. */
export const newestJobs = (tenant: string, { status, metadata }: JobFilter, page: PageRequest): Prisma.Sql => {
  const conditions = Object.entries(metadata).map(([key, value]) => {
    const wanted = spellings(value).map((spelling) => Prisma.sql`metadata @> ${JSON.stringify({ [key]: spelling })}::jsonb`)
    return Prisma.sql`(${Prisma.join(wanted, ' or ')})`
  })
  if (status) conditions.push(Prisma.sql`status = ${status}`)
  return newestIds('Job', tenant, page, conditions.length > 0 ? Prisma.join(conditions, ' and ') : undefined)
}

/** A query's text may stand for the same text or for the number that it spells. */
const spellings = (value: string): (string | number)[] => {
  const number = Number(value)
  return value.trim() !== '' && Number.isFinite(number) ? [value, number] : [value]
}
