/**
 * What a deleted job left behind, taken away part by part: a statement or a transaction that deletes gigabytes is given up before
 * its end. A job that is being deleted belongs to no tenant, so nobody finds it; whoever deletes it may die at any point, and the
 * housekeeping goes on. (docs/adr/0016)
 */
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { removeAllLarge } from '../../platform/db/remove-large.ts'
import type { removeUnusedDatasets } from '../datasets/unused-datasets.repository.ts'

/** The tenant of jobs that are being deleted; no name of a tenant is empty. */
const nobody = ''

/** Small rows that one statement deletes. */
const rowsAtOnce = 20_000
/** Deleted jobs that one round of the housekeeping looks at. */
const jobsAtOnce = 20

/** Takes a job away from its tenant and its sweep, within a transaction of the caller's. */
export const hideJob = async (client: DatabaseClient, id: string): Promise<void> => {
  await client.job.update({ where: { id }, data: { tenant: nobody, sweepId: null }, select: { id: true } })
}

/** Deletes a hidden job with all that it left, and the datasets that it alone kept. */
export const discardJob = async (
  { prisma, transaction }: Pick<Database, 'prisma' | 'transaction'>,
  removeUnused: typeof removeUnusedDatasets,
  id: string,
): Promise<void> => {
  // What refers to chunks of values goes before them.
  await removeAllLarge(prisma, { table: Prisma.sql`"Tensor"`, size: storedBytes('values'), which: Prisma.sql`"jobId" = ${id}` })
  await prisma.checkpoint.deleteMany({ where: { jobId: id } })
  const chunks = Prisma.sql`"blobId" in (select id from "Blob" where "jobId" = ${id})`
  await removeAllLarge(prisma, { table: Prisma.sql`"BlobPiece"`, size: storedBytes('bytes'), which: chunks })
  for (const table of ['Epoch', 'Event']) await removeRows(prisma, Prisma.raw(`"${table}"`), id)
  await transaction(async (tx) => {
    // Rows that somebody else deletes at this moment would go with it, all at once.
    const [job] = await tx.$queryRaw<{ datasetId: string; validationDatasetId: string | null }[]>`
      delete from "Job" job where id = ${id} and tenant = ${nobody}
        and not exists (select from "Tensor" where "jobId" = job.id)
        and not exists (select from "BlobPiece" chunk join "Blob" blob on blob.id = chunk."blobId" where blob."jobId" = job.id)
      returning "datasetId", "validationDatasetId"`
    if (job) await removeUnused(tx, [job.datasetId, job.validationDatasetId])
  })
}

/** Goes on with jobs whose deletion was broken off. */
export const discardHiddenJobs = async (
  database: Pick<Database, 'prisma' | 'transaction'>,
  removeUnused: typeof removeUnusedDatasets,
): Promise<{ removed: number; more: boolean }> => {
  const jobs = await database.prisma.job.findMany({ where: { tenant: nobody }, select: { id: true }, take: jobsAtOnce })
  for (const { id } of jobs) await discardJob(database, removeUnused, id)
  return { removed: jobs.length, more: jobs.length === jobsAtOnce }
}

const removeRows = async (client: DatabaseClient, table: Prisma.Sql, jobId: string): Promise<void> => {
  let removed = rowsAtOnce
  while (removed === rowsAtOnce)
    removed = await client.$executeRaw`
      delete from ${table} where ctid = any(array(select ctid from ${table} where "jobId" = ${jobId} limit ${rowsAtOnce}::int))`
}

const storedBytes = (column: 'values' | 'bytes'): Prisma.Sql => Prisma.sql`coalesce(pg_column_size(${Prisma.raw(column)}), 0)`
