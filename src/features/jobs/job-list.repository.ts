/** A page of jobs, read without what makes a config large and cut where it has so many bytes. */

import { type PageRequest, pageBytes } from '../../api/page.schema.ts'
import type { JobStatus } from '../../contracts/lifecycle.ts'
import type { Job as JobRow } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database.ts'

/** Which jobs a list shows. */
export type JobFilter = { status?: JobStatus; metadata: Record<string, string> }

/** A job's row whose config may lack its long lists; `omitted` says where. */
export type ListedRow = JobRow & { omitted: string[] | null }

/** The rows of a page, newest first, and whether more come after them: `limit` of them, or as many as fit into a page's bytes. */
export const readJobPage = async (
  { prisma }: Pick<Database, 'prisma'>,
  tenant: string,
  { status, metadata }: JobFilter,
  { after, limit }: PageRequest,
): Promise<{ rows: ListedRow[]; hasMore: boolean }> => {
  const found = await prisma.job.findMany({
    where: {
      tenant,
      ...(status ? { status } : {}),
      ...(after ? { id: { lt: after } } : {}),
      AND: Object.entries(metadata).map(([key, value]) => ({
        OR: spellings(value).map((equals) => ({ metadata: { path: [key], equals } })),
      })),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
    select: { id: true },
  })
  const ids = found.map(({ id }) => id)
  const rows = await prisma.$queryRaw<ListedRow[]>`
    with sized as (
      select id, octet_length(coalesce(summary->'config', config)::text) + coalesce(octet_length(result::text), 0) as bytes
      from "Job" where id = any(${ids})
    ), placed as (
      select id, row_number() over newest as place, sum(bytes) over newest as total from sized window newest as (order by id desc)
    )
    select job.id, job.tenant, job.status, coalesce(job.summary->'config', job.config) as config, job.summary->'omitted' as omitted,
      job."datasetId", job.metadata, job.engine, job.epoch, job.epochs, job.fraction, job."latestLoss", job.result, job."errorCode",
      job."errorMessage", job.seconds, job.revision, job."createdAt", job."queuedAt", job."startedAt", job."finishedAt"
    from "Job" job join placed on placed.id = job.id
    where placed.place <= ${limit} and (placed.place = 1 or placed.total <= ${pageBytes})
    order by job.id desc`
  return { rows, hasMore: ids.length > rows.length }
}

/** A query's text may stand for the same text or for the number that it spells. */
const spellings = (value: string): (string | number)[] => {
  const number = Number(value)
  return value.trim() !== '' && Number.isFinite(number) ? [value, number] : [value]
}
