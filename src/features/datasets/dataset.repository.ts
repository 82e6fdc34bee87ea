/** Datasets in PostgreSQL: their description in one row, their values in chunks of whole rows. */
import type { StoredColumn } from '../../api/column.schema.ts'
import type { PageRequest } from '../../api/page.schema.ts'
import { JsonText } from '../../api/write-json.ts'
import { activeStatuses } from '../../contracts/lifecycle.ts'
import { type Dataset as DatasetRow, Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { findIds, fittingIds, newestWithMetadata } from '../page.repository.ts'
import { type Dataset, type ListedDataset, type NewDataset, summarize } from './dataset.ts'
import { discardDataset } from './unused-datasets.repository.ts'

/** Datasets whose time is over that are deleted in one go. */
const expiredAtOnce = 20

/** What became of a request to delete. */
export type Removal = 'removed' | 'in-use' | 'missing'

/** A dataset whose columns are the text of their JSON; `described` if they have statistics. */
export type ShownDataset = Omit<Dataset, 'columns' | 'storedBytes' | 'missing'> & {
  columns: JsonText
  columnCount: number
  described: boolean
}

/** The dataset's own statements; `tenant` goes into every one, so that nobody reaches another's rows. */
export const createDatasetRepository = (database: Pick<Database, 'prisma' | 'transaction'>) => {
  const { prisma, transaction } = database

  const find = async (tenant: string, id: string): Promise<Dataset | null> => {
    const [row] = await prisma.$queryRaw<DatasetRow[]>`select * from "Dataset" where id = ${id} and tenant = ${tenant} and ${isLive}`
    return row ? toDataset(row) : null
  }

  /** A dataset that a job refers to, also if it has been deleted since. */
  const describe = async (tenant: string, id: string): Promise<Dataset | null> => {
    const row = await prisma.dataset.findFirst({ where: { id, tenant }, omit: { summary: true } })
    return row && toDataset(row)
  }

  /** A dataset whose columns are still text, for showing it as it is: a wide table's take long to be read and written again. */
  const findShown = async (tenant: string, id: string): Promise<ShownDataset | null> => {
    const [row] = await prisma.$queryRaw<(Omit<ShownDataset, 'columns'> & { columns: string })[]>`
      select id, tenant, kind, ${shownFields}, spec, columns::text as columns,
        jsonb_array_length(columns) as "columnCount", jsonb_exists(columns->0, 'std') as described
      from "Dataset" where id = ${id} and tenant = ${tenant} and ${isLive}`
    return row ? { ...row, columns: new JsonText(row.columns) } : null
  }

  /** A page of datasets, newest first: `limit` of them, or as many as fit into a page's bytes. Wide ones lack most columns. */
  const list = async (
    tenant: string,
    metadata: Record<string, string>,
    page: PageRequest,
  ): Promise<{ rows: ListedDataset[]; hasMore: boolean }> => {
    const ids = await findIds(prisma, newestWithMetadata('Dataset', tenant, metadata, page, isLive))
    const rows = await prisma.$queryRaw<(ListedDataset & { omitted: string[] | null })[]>`
      select dataset.id, tenant, kind, coalesce(summary->'columns', columns) as columns, nullif(coalesce(summary->'synthetic', spec), 'null') as spec,
        summary->'omitted' as omitted, ${shownFields}, jsonb_array_length(columns) as "columnCount"
      from "Dataset" dataset join (${fittingIds('Dataset', ids, page, listedBytes)}) as page on page.id = dataset.id
      order by dataset.id desc`
    return { rows: rows.map((row) => ({ ...row, omitted: row.omitted ?? [] })), hasMore: ids.length > rows.length }
  }

  /** Keeps statistics that were computed late. */
  const saveColumns = async ({ id, spec }: Pick<Dataset, 'id' | 'spec'>, columns: StoredColumn[]): Promise<void> => {
    await prisma.dataset.updateMany({
      where: { id },
      data: { columns: columns as Prisma.InputJsonArray, summary: summaryOf({ columns, spec }) },
    })
  }

  /**
   * Deletes a dataset that no unfinished job and no open trainer needs. If finished jobs refer to it, its rows go and its
   * description stays, hidden, so that their results can still be read.
   */
  const remove = async (tenant: string, id: string): Promise<Removal> => {
    const removal = await transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ id: string }[]>`
        select id from "Dataset" where id = ${id} and tenant = ${tenant} and "deletedAt" is null for update`
      if (!row) return 'missing'
      const needed = { OR: [{ datasetId: id }, { validationDatasetId: id }], status: { in: activeStatuses } }
      if (await tx.job.findFirst({ where: needed, select: { id: true } })) return 'in-use'
      if (await tx.trainer.findFirst({ where: { datasetId: id }, select: { id: true } })) return 'in-use'
      if (await tx.prediction.findFirst({ where: { datasetId: id, tenant, status: { in: ['queued', 'running'] } }, select: { id: true } }))
        return 'in-use'
      await tx.dataset.update({ where: { id }, data: { deletedAt: new Date(), storedBytes: 0 } })
      return 'removed'
    })
    // It is gone for everybody; its rows follow chunk by chunk, and if that fails the housekeeping goes on.
    if (removal === 'removed') await discardDataset(database, id).catch(() => {})
    return removal
  }

  /** Deletes some of the datasets whose time is over, but for those that an unfinished job needs. */
  const removeExpired = async (): Promise<{ removed: number; more: boolean }> => {
    const expired = await prisma.$queryRaw<{ id: string; tenant: string }[]>`
      select id, tenant from "Dataset" dataset where "expiresAt" < now() and "deletedAt" is null and not exists (
        select from "Job" where ("datasetId" = dataset.id or "validationDatasetId" = dataset.id) and status = any(${[...activeStatuses]}))
        and not exists (select from "Trainer" where "datasetId" = dataset.id)
        and not exists (select from "Prediction" where "datasetId" = dataset.id and status in ('queued', 'running'))
      limit ${expiredAtOnce}`
    let removed = 0
    for (const { id, tenant } of expired) if ((await remove(tenant, id)) === 'removed') removed += 1
    return { removed, more: removed > 0 }
  }

  return { find, findShown, describe, list, saveColumns, remove, removeExpired }
}

export type DatasetRepository = ReturnType<typeof createDatasetRepository>

/** Neither deleted nor over: from `expiresAt` on it is gone for everybody, though its rows go later. */
const isLive = Prisma.sql`"deletedAt" is null and ("expiresAt" is null or "expiresAt" > now())`

/** What is shown as it is stored. */
const shownFields = Prisma.sql`name, metadata, format, csv, notes, "badRows", rows, "inputShape", "contentHash", "createdAt", "expiresAt"`

/** What an entry of the list takes. */
const listedBytes = Prisma.sql`coalesce(octet_length(summary::text), octet_length(columns::text) + coalesce(octet_length(spec::text), 0))`

/** Stores a description, within a transaction of the caller's if it has one; `hidden` if its rows are still to come. */
export const insertDescription = async (
  client: DatabaseClient,
  { spec, csv, badRows, missing, columns, ...rest }: NewDataset,
  hidden: { deletedAt?: Date; uploadingAt?: Date } = {},
): Promise<Dataset> => {
  const data = {
    ...rest,
    ...hidden,
    spec: spec ? (spec as Prisma.InputJsonObject) : Prisma.DbNull,
    csv: csv ?? Prisma.DbNull,
    badRows: badRows ?? Prisma.DbNull,
    missing: missing ?? Prisma.DbNull,
    columns: columns as Prisma.InputJsonArray,
    summary: summaryOf({ columns, spec }),
  }
  const { createdAt } = await client.dataset.create({ data, select: { createdAt: true } })
  return { ...rest, spec, csv, badRows, missing, columns, createdAt }
}

const summaryOf = (dataset: Pick<Dataset, 'columns' | 'spec'>) =>
  (summarize(dataset) ?? Prisma.DbNull) as Prisma.InputJsonObject | typeof Prisma.DbNull

const toDataset = ({
  deletedAt: _deletedAt,
  uploadingAt: _uploadingAt,
  implicit: _implicit,
  summary: _summary,
  ...row
}: Omit<DatasetRow, 'summary'> & { summary?: unknown }): Dataset => ({
  ...row,
  kind: row.kind as Dataset['kind'],
  spec: row.spec as Dataset['spec'],
  csv: row.csv as Dataset['csv'],
  storedBytes: Number(row.storedBytes),
  notes: row.notes as Dataset['notes'],
  badRows: row.badRows as Dataset['badRows'],
  missing: row.missing as Dataset['missing'],
  metadata: row.metadata as Dataset['metadata'],
  columns: row.columns as StoredColumn[],
})
