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
export const nobody = ''

/** Small rows that one statement deletes. */
const rowsAtOnce = 20_000
/** Deleted jobs that are taken away together. */
const jobsAtOnce = 100

/** Takes a job away from its tenant and its sweep, and the predictions with it, within a transaction of the caller's. */
export const hideJob = async (client: DatabaseClient, id: string): Promise<void> => {
  await client.job.update({ where: { id }, data: { tenant: nobody, sweepId: null }, select: { id: true } })
  await client.prediction.updateMany({ where: { jobId: id }, data: { tenant: nobody, storedBytes: 0 } })
}

/** Deletes hidden jobs with all that they left, and the datasets that they alone kept. */
export const discardJobs = async (
  { prisma, transaction }: Pick<Database, 'prisma' | 'transaction'>,
  removeUnused: typeof removeUnusedDatasets,
  ids: readonly string[],
): Promise<void> => {
  // What refers to chunks of values goes before them.
  const ofThem = Prisma.sql`"jobId" = any(${ids})`
  await removeAllLarge(prisma, { table: Prisma.sql`"Tensor"`, size: storedBytes('values'), which: ofThem })
  await removeAllLarge(prisma, { table: Prisma.sql`"Checkpoint"`, size: storedBytes('values'), which: ofThem })
  const chunks = Prisma.sql`"blobId" in (select id from "Blob" where ${ofThem})`
  await removeAllLarge(prisma, { table: Prisma.sql`"BlobPiece"`, size: storedBytes('bytes'), which: chunks })
  const predicted = Prisma.sql`"predictionId" in (select id from "Prediction" where ${ofThem})`
  await removeAllLarge(prisma, { table: Prisma.sql`"PredictionChunk"`, size: storedBytes('values'), which: predicted })
  for (const table of ['Epoch', 'Event']) await removeRows(prisma, Prisma.raw(`"${table}"`), ofThem)
  await transaction(async (tx) => {
    // Rows that somebody else deletes at this moment would go with it, all at once.
    const jobs = await tx.$queryRaw<{ datasetId: string; validationDatasetId: string | null }[]>`
      delete from "Job" job where id = any(${ids}) and tenant = ${nobody}
        and not exists (select from "Tensor" where "jobId" = job.id)
        and not exists (select from "BlobPiece" chunk join "Blob" blob on blob.id = chunk."blobId" where blob."jobId" = job.id)
      returning "datasetId", "validationDatasetId"`
    if (jobs.length > 0)
      await removeUnused(
        tx,
        jobs.flatMap((job) => [job.datasetId, job.validationDatasetId]),
      )
  })
}

/** Goes on with jobs whose deletion was broken off. */
export const discardHiddenJobs = async (
  database: Pick<Database, 'prisma' | 'transaction'>,
  removeUnused: typeof removeUnusedDatasets,
): Promise<{ removed: number; more: boolean }> => {
  const jobs = await database.prisma.job.findMany({ where: { tenant: nobody }, select: { id: true }, take: jobsAtOnce })
  await discardJobs(
    database,
    removeUnused,
    jobs.map(({ id }) => id),
  )
  return { removed: jobs.length, more: jobs.length === jobsAtOnce }
}

const removeRows = async (client: DatabaseClient, table: Prisma.Sql, which: Prisma.Sql): Promise<void> => {
  let removed = rowsAtOnce
  while (removed === rowsAtOnce)
    removed = await client.$executeRaw`
      delete from ${table} where ctid = any(array(select ctid from ${table} where ${which} limit ${rowsAtOnce}::int))`
}

const storedBytes = (column: 'values' | 'bytes'): Prisma.Sql => Prisma.sql`coalesce(pg_column_size(${Prisma.raw(column)}), 0)`
