/** Predictions for whole datasets in PostgreSQL, the API's side; `tenant` goes into every statement. */
import { type DatasetPredictionStatus, datasetPredictionLimits } from '../../api/dataset-prediction.schema.ts'
import type { PageRequest } from '../../api/page.schema.ts'
import { terminalStatuses } from '../../contracts/lifecycle.ts'
import { channels } from '../../contracts/queue.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { removeAllLarge, removeLarge } from '../../platform/db/remove-large.ts'
import type { insertDescription } from '../datasets/dataset.repository.ts'
import type { NewDataset } from '../datasets/dataset.ts'
import type { requireRoom } from '../datasets/stored-quota.repository.ts'
import type { removeUnusedDatasets } from '../datasets/unused-datasets.repository.ts'
import type { OnStored } from '../on-stored.ts'
import { findIds, fittingIds, newestIds } from '../page.repository.ts'
import type { DatasetPrediction, NewDatasetPrediction } from './dataset-prediction.ts'
import { tell, wakeReaders } from './sql/tell.ts'

/** Other features' statements, and what a tenant may have. */
type Collaborators = {
  insertDataset: typeof insertDescription
  removeUnused: typeof removeUnusedDatasets
  requireRoom: typeof requireRoom
  maxStoredBytes: number | undefined
}

export type PredictionFilter = { status?: DatasetPredictionStatus | undefined; job?: string | undefined }

/** The tenant of predictions that are being deleted. */
const nobody = ''
/** Predictions that the housekeeping takes away in one go. */
const removedAtOnce = 100

export const createDatasetPredictionRepository = (
  { prisma, transaction }: Pick<Database, 'prisma' | 'transaction'>,
  { insertDataset, removeUnused, requireRoom, maxStoredBytes }: Collaborators,
) => {
  /**
   * Stores a prediction with its dataset if that is new, and tells workers. Says what keeps it from being stored: the tenant has as many as may
   * wait, or the job or the dataset is not there, or not as it must be, any more.
   * @throws Problem QUOTA_EXCEEDED
   */
  const insert = (
    prediction: NewDatasetPrediction,
    dataset: NewDataset | null,
    onStored?: OnStored,
  ): Promise<'stored' | 'full' | 'no job' | 'no dataset'> =>
    transaction(async (tx) => {
      const { id, tenant, jobId, askedEpoch, datasetId, storedBytes } = prediction
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`predictions of ${tenant}`}, 0))`
      const pending = await tx.prediction.count({ where: { tenant, status: { in: ['queued', 'running'] } } })
      if (pending >= datasetPredictionLimits.pending) return 'full'
      // Weights of a job that goes on change, but for those that were asked for by their epoch.
      const job = await tx.$queryRaw<unknown[]>`
        select 1 from "Job" where id = ${jobId} and tenant = ${tenant} and epoch > 0
          and (${askedEpoch}::int is not null or status = any(${terminalStatuses})) for share`
      if (job.length === 0) return 'no job'
      if (dataset) {
        await insertDataset(tx, dataset)
        await tx.$executeRaw`update "Dataset" set implicit = true where id = ${dataset.id}`
      } else {
        const held = await tx.$queryRaw<unknown[]>`
          select 1 from "Dataset" where id = ${datasetId} and tenant = ${tenant} and "deletedAt" is null
            and ("expiresAt" is null or "expiresAt" > now()) for share`
        if (held.length === 0) return 'no dataset'
      }
      await requireRoom(tx, { tenant, storedBytes, what: 'prediction' }, maxStoredBytes)
      await tx.$executeRaw`
        insert into "Prediction" (id, tenant, "jobId", "askedEpoch", source, "datasetId", output, measured, rows, width, "storedBytes")
        values (${id}, ${tenant}, ${jobId}, ${askedEpoch}::int, ${JSON.stringify(prediction.source)}::jsonb, ${datasetId}, ${prediction.output},
          ${prediction.measured}, ${prediction.rows}::int, ${prediction.width}::int, ${storedBytes}::bigint)`
      await onStored?.write(tx, id)
      await tx.$executeRaw`select pg_notify(${channels.predictionWork}, ${id})`
      return 'stored'
    })

  const find = async (tenant: string, id: string): Promise<DatasetPrediction | null> =>
    (await prisma.$queryRaw<DatasetPrediction[]>`select ${shown} from "Prediction" where id = ${id} and tenant = ${tenant}`)[0] ?? null

  const list = async (
    tenant: string,
    page: PageRequest,
    { status, job }: PredictionFilter,
  ): Promise<{ rows: DatasetPrediction[]; hasMore: boolean }> => {
    const which = [...(status ? [Prisma.sql`status = ${status}`] : []), ...(job ? [Prisma.sql`"jobId" = ${job}`] : [])]
    const condition = which.length > 0 ? Prisma.join(which, ' and ') : Prisma.sql`true`
    const ids = await findIds(prisma, newestIds('Prediction', tenant, page, condition))
    const rows = await prisma.$queryRaw<DatasetPrediction[]>`
      select ${shown} from "Prediction" where id in (select id from (${fittingIds('Prediction', ids, page, bytes)}) as page) order by id desc`
    return { rows, hasMore: ids.length > rows.length }
  }

  /** The numbers of the rows of a chunk; null if there is no such chunk. */
  const chunk = async (id: string, index: number): Promise<Uint8Array | null> => {
    const [row] = await prisma.$queryRaw<{ values: Uint8Array }[]>`
      select values from "PredictionChunk" where "predictionId" = ${id} and index = ${index}::int`
    return row?.values ?? null
  }

  /** Deletes a prediction, whatever is done for it, which is told if it had not ended. False if there is none. */
  const remove = async (tenant: string, id: string): Promise<boolean> => {
    const hidden = await prisma.$queryRaw<unknown[]>`
      with found as (
        select id, "jobId", status from "Prediction" where id = ${id} and tenant = ${tenant} for update
      ), hidden as (
        update "Prediction" prediction set tenant = ${nobody}, "storedBytes" = 0 from found where prediction.id = found.id returning prediction.id
      ), told as (select id, "jobId" from found where status in ('queued', 'running')), ${tell('prediction.cancelled')}
      select id, pg_notify(${channels.prediction}, id)::text as woken, ${wakeReaders} from hidden`
    if (hidden.length === 0) return false
    // It is gone for everybody; its rows follow part by part, and if that fails the housekeeping goes on.
    await discard([id]).catch(() => {})
    return true
  }

  const discard = async (ids: readonly string[]): Promise<void> => {
    await removeAllLarge(prisma, {
      table: Prisma.sql`"PredictionChunk"`,
      size: Prisma.sql`pg_column_size(values)`,
      which: Prisma.sql`"predictionId" = any(${ids})`,
    })
    await transaction(async (tx) => {
      const rows = await tx.$queryRaw<{ datasetId: string }[]>`
        delete from "Prediction" where id = any(${ids}) and tenant = ${nobody} returning "datasetId"`
      await removeUnused(
        tx,
        rows.map(({ datasetId }) => datasetId),
      )
    })
  }

  /** Takes away some that ended long ago, and some whose deletion was broken off; and the rows of those that failed. */
  const removeOld = async (): Promise<{ removed: number; more: boolean }> => {
    await prisma.$executeRaw`
      update "Prediction" set tenant = ${nobody}, "storedBytes" = 0 where id = any(array(
        select id from "Prediction" where "finishedAt" < now() - ${datasetPredictionLimits.keptDays} * interval '1 day' and tenant <> ${nobody}
        limit ${removedAtOnce}::int))`
    const rows = await prisma.$queryRaw<{ id: string }[]>`
      select id from "Prediction" where tenant = ${nobody} limit ${removedAtOnce}::int`
    if (rows.length > 0) await discard(rows.map(({ id }) => id))
    const failed = await removeLarge(prisma, {
      table: Prisma.sql`"PredictionChunk"`,
      size: Prisma.sql`pg_column_size(values)`,
      which: Prisma.sql`"predictionId" in (select id from "Prediction" where status = 'failed' and chunks > 0)`,
    })
    return { removed: rows.length, more: rows.length === removedAtOnce || failed > 0 }
  }

  return { insert, find, list, chunk, remove, removeOld }
}

export type DatasetPredictionRepository = ReturnType<typeof createDatasetPredictionRepository>

const shown = Prisma.sql`id, status, "jobId", epoch, source, output, rows, width, "rowsDone", metrics, confusion, error, seconds,
  "createdAt", "startedAt", "finishedAt"`
/** What an entry of the list takes. */
const bytes = Prisma.sql`octet_length(source::text) + coalesce(octet_length(confusion::text), 0) + 1000`
