/** Datasets in PostgreSQL: their description in one row, their values in chunks of whole rows. */
import type { StoredColumn } from '../../contracts/dataset.ts'
import type { PageRequest } from '../../contracts/page.ts'
import { type Dataset as DatasetRow, Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database.ts'
import type { OnStored } from '../on-stored.ts'
import type { Dataset, NewDataset } from './dataset.ts'
import { rowsPerChunk } from './table-writer.ts'

/** What became of a request to delete. */
export type Removal = 'removed' | 'in-use' | 'missing'

const activeStatuses = ['queued', 'running', 'cancelling', 'pausing', 'paused']

/** The dataset's own statements; `tenant` goes into every one, so that nobody reaches another's rows. */
export const createDatasetRepository = ({ prisma, transaction }: Database) => {
  /** Stores a description and its chunks; all or nothing. */
  const insert = async (dataset: NewDataset, chunks: Iterable<Buffer>, onStored?: OnStored): Promise<Dataset> => {
    await onStored?.ready()
    return transaction(async (tx) => {
      const stored = await insertDescription(tx, dataset)
      let index = 0
      for (const bytes of chunks)
        await tx.datasetChunk.create({ data: { datasetId: dataset.id, index: index++, bytes: Uint8Array.from(bytes) } })
      await onStored?.write(tx, dataset.id)
      return stored
    })
  }

  const find = async (tenant: string, id: string): Promise<Dataset | null> => {
    const row = await prisma.dataset.findFirst({ where: { id, tenant, deletedAt: null } })
    return row && toDataset(row)
  }

  /** A dataset that a job refers to, also where it has been deleted since. */
  const describe = async (tenant: string, id: string): Promise<Dataset | null> => {
    const row = await prisma.dataset.findFirst({ where: { id, tenant } })
    return row && toDataset(row)
  }

  /** One more than the limit, newest first. */
  const list = async (tenant: string, { after, limit }: PageRequest): Promise<Dataset[]> => {
    const rows = await prisma.dataset.findMany({
      where: { tenant, deletedAt: null, ...(after ? { id: { lt: after } } : {}) },
      orderBy: { id: 'desc' },
      take: limit + 1,
    })
    return rows.map(toDataset)
  }

  /** Keeps statistics that were computed late. */
  const saveColumns = async (id: string, columns: StoredColumn[]): Promise<void> => {
    await prisma.dataset.updateMany({ where: { id }, data: { columns: columns as Prisma.InputJsonArray } })
  }

  /** The rows at these positions, in this order: width numbers each, flat. */
  const readRows = async (id: string, width: number, positions: readonly number[]): Promise<Float32Array> => {
    const perChunk = rowsPerChunk(width)
    const found = await prisma.$queryRaw<{ bytes: Uint8Array }[]>`
      select substring(chunk.bytes from wanted.at for ${4 * width}::int) as bytes
      from unnest(${positions.map((row) => Math.floor(row / perChunk))}::int[], ${positions.map((row) => 4 * width * (row % perChunk) + 1)}::int[])
        with ordinality as wanted(index, at, place)
      join "DatasetChunk" chunk on chunk."datasetId" = ${id} and chunk.index = wanted.index
      order by wanted.place`
    const bytes = Buffer.concat(found.map((row) => row.bytes))
    return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at))
  }

  /**
   * Deletes a dataset that no unfinished job needs. Where finished jobs refer to it, its rows go and its
   * description stays, hidden, so that their results can still be read.
   */
  const remove = (tenant: string, id: string): Promise<Removal> =>
    transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ id: string }[]>`
        select id from "Dataset" where id = ${id} and tenant = ${tenant} and "deletedAt" is null for update`
      if (!row) return 'missing'
      const needed = { OR: [{ datasetId: id }, { validationDatasetId: id }], status: { in: activeStatuses } }
      if (await tx.job.findFirst({ where: needed, select: { id: true } })) return 'in-use'
      await tx.datasetChunk.deleteMany({ where: { datasetId: id } })
      if (await tx.job.findFirst({ where: { datasetId: id }, select: { id: true } }))
        await tx.dataset.update({ where: { id }, data: { deletedAt: new Date() } })
      else await tx.dataset.delete({ where: { id } })
      return 'removed'
    })

  return { insert, find, describe, list, saveColumns, readRows, remove }
}

export type DatasetRepository = ReturnType<typeof createDatasetRepository>

/** Stores a description within a transaction of the caller's. */
export const insertDescription = async (client: DatabaseClient, { spec, csv, columns, ...rest }: NewDataset): Promise<Dataset> => {
  const data = {
    ...rest,
    spec: spec ? (spec as Prisma.InputJsonObject) : Prisma.DbNull,
    csv: csv ?? Prisma.DbNull,
    columns: columns as Prisma.InputJsonArray,
  }
  return toDataset(await client.dataset.create({ data }))
}

const toDataset = ({ deletedAt: _deletedAt, implicit: _implicit, ...row }: DatasetRow): Dataset => ({
  ...row,
  kind: row.kind as Dataset['kind'],
  spec: row.spec as Dataset['spec'],
  csv: row.csv as Dataset['csv'],
  columns: row.columns as StoredColumn[],
})
