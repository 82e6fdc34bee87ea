import type { DatabaseClient } from '../../platform/db/database.ts'

/**
 * Deletes those of these datasets that only jobs kept alive, and no job does any more: specs that came with a job's config, and
 * datasets that were deleted while finished jobs referred to them. Call it in the transaction that deletes the jobs, after
 * them. One that somebody is about to use stays; the housekeeping looks again.
 */
export const removeUnusedDatasets = async (client: DatabaseClient, ids: readonly (string | null)[]): Promise<number> => {
  const wanted = [...new Set(ids)].filter((id) => id !== null)
  if (wanted.length === 0) return 0
  const held = await client.$queryRaw<{ id: string }[]>`
    select id from "Dataset" where id = any(${wanted}) and (implicit or "deletedAt" is not null) for update skip locked`
  if (held.length === 0) return 0
  // A statement of its own: it sees jobs that were stored before the rows were locked.
  return client.$executeRaw`
    delete from "Dataset" dataset where id = any(${held.map(({ id }) => id)})
      and not exists (select from "Job" where "datasetId" = dataset.id or "validationDatasetId" = dataset.id)`
}

/** Datasets looked at in one round. */
const perRound = 1000

/** Goes through all datasets, some at a time, and removes those that are unused; `after` is where the last round ended. */
export const sweepUnusedDatasets = async (client: DatabaseClient, after: string): Promise<{ removed: number; last: string }> => {
  const rows = await client.$queryRaw<{ id: string; candidate: boolean }[]>`
    select id, implicit or "deletedAt" is not null as candidate from "Dataset" where id > ${after} order by id limit ${perRound}`
  const candidates = rows.filter(({ candidate }) => candidate).map(({ id }) => id)
  const unused = await client.$queryRaw<{ id: string }[]>`
    select id from unnest(${candidates}::text[]) as wanted(id)
    where not exists (select from "Job" where "datasetId" = wanted.id or "validationDatasetId" = wanted.id)`
  return {
    removed: await removeUnusedDatasets(
      client,
      unused.map(({ id }) => id),
    ),
    last: rows.length < perRound ? '' : (rows.at(-1)?.id ?? ''),
  }
}
