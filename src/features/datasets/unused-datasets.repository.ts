import { Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { removeLarge } from '../../platform/db/remove-large.ts'
import { removeReferences } from './shared-chunk.repository.ts'

type Transactions = Pick<Database, 'prisma' | 'transaction'>

/** How long the process that stores an upload may be silent before it counts as dead. */
const silentSeconds = 60

/**
 * Deletes those of these datasets that only jobs kept alive, and no job does any more: specs that came with a job's config, and
 * datasets that were deleted while finished jobs referred to them. Call it in the transaction that deletes the jobs, after
 * them. One that somebody is about to use stays; the housekeeping looks again.
 */
export const removeUnusedDatasets = async (client: DatabaseClient, ids: readonly (string | null)[]): Promise<number> => {
  const wanted = [...new Set(ids)].filter((id) => id !== null)
  if (wanted.length === 0) return 0
  const held = await client.$queryRaw<{ id: string }[]>`
    select id from "Dataset" where id = any(${wanted}) and (implicit or "deletedAt" is not null) and "uploadingAt" is null for update skip locked`
  if (held.length === 0) return 0
  // A statement of its own: it sees jobs that were stored before the rows were locked.
  return client.$executeRaw`
    delete from "Dataset" dataset where id = any(${held.map(({ id }) => id)})
      and not exists (select from "Job" where "datasetId" = dataset.id or "validationDatasetId" = dataset.id)
      and not exists (select from "Trainer" where "datasetId" = dataset.id)
      and not exists (select from "Prediction" where "datasetId" = dataset.id)
      and not exists (select from "DatasetChunk" where "datasetId" = dataset.id)
      and not exists (select from "DatasetLevels" where "datasetId" = dataset.id)`
}

/** Deletes a hidden dataset, or one that is still being stored, chunk by chunk; what jobs refer to keeps its description. */
export const discardDataset = async (database: Transactions, id: string): Promise<void> => {
  await database.prisma.$executeRaw`
    update "Dataset" set "uploadingAt" = null, "storedBytes" = 0 where id = ${id} and "deletedAt" is not null`
  while ((await removeHidden(database, id)) > 0);
  await removeUnusedDatasets(database.prisma, [id])
}

/** Gives uploads up whose process says nothing any more; from then on it can't go on with them. */
export const giveUpUploads = (client: DatabaseClient): Promise<number> =>
  client.$executeRaw`
    update "Dataset" set "uploadingAt" = null, "storedBytes" = 0
    where "deletedAt" is not null and "uploadingAt" < now() - ${silentSeconds} * interval '1 second'`

/** Deletes some cells and levels of hidden datasets; what deletes them has died, or the database was away. */
export const removeHiddenParts = async (database: Transactions): Promise<{ removed: number; more: boolean }> => {
  const removed = await removeHidden(database)
  return { removed, more: removed > 0 }
}

/** Datasets looked at in one round. */
const perRound = 1000

/** Goes through all datasets, some at a time, and removes those that are unused; `after` is where the last round ended. */
export const sweepUnusedDatasets = async (client: DatabaseClient, after: string): Promise<{ removed: number; last: string }> => {
  const rows = await client.$queryRaw<{ id: string; candidate: boolean }[]>`
    select id, (implicit or "deletedAt" is not null) and "uploadingAt" is null as candidate from "Dataset" where id > ${after} order by id limit ${perRound}`
  const candidates = rows.filter(({ candidate }) => candidate).map(({ id }) => id)
  const unused = await client.$queryRaw<{ id: string }[]>`
    select id from unnest(${candidates}::text[]) as wanted(id)
    where not exists (select from "Job" where "datasetId" = wanted.id or "validationDatasetId" = wanted.id)
      and not exists (select from "Trainer" where "datasetId" = wanted.id)
      and not exists (select from "Prediction" where "datasetId" = wanted.id)`
  return {
    removed: await removeUnusedDatasets(
      client,
      unused.map(({ id }) => id),
    ),
    last: rows.length < perRound ? '' : (rows.at(-1)?.id ?? ''),
  }
}

/** Deletes some of what hidden datasets hold, one dataset's if it is named; levels stay as long as jobs refer to them. Says how much. */
const removeHidden = async (database: Transactions, id?: string): Promise<number> => {
  const { prisma } = database
  const hidden = Prisma.sql`"deletedAt" is not null and "uploadingAt" is null and ${id === undefined ? Prisma.sql`true` : Prisma.sql`id = ${id}`}`
  const chunks = await removeLarge(prisma, {
    table: Prisma.sql`"DatasetChunk"`,
    size: Prisma.sql`pg_column_size(bytes)`,
    which: Prisma.sql`bytes is not null and "datasetId" in (select id from "Dataset" where ${hidden})`,
  })
  const levels = await removeLarge(prisma, {
    table: Prisma.sql`"DatasetLevels"`,
    size: Prisma.sql`pg_column_size(values)`,
    which: Prisma.sql`"datasetId" in (select id from "Dataset" dataset where ${hidden}
      and not exists (select from "Job" where "datasetId" = dataset.id or "validationDatasetId" = dataset.id))`,
  })
  return chunks + levels + (await removeReferences(database, id))
}
