/**
 * Uploads on their way into the database. A small one is stored in one transaction. Of a large one each chunk is a statement of its
 * own, while its dataset is hidden as a deleted one is; it appears in one small transaction once all of it is there. (docs/adr/0013)
 */
import { Problem } from '../../contracts/error-codes.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import type { OnStored } from '../on-stored.ts'
import { insertDescription } from './dataset.repository.ts'
import type { Dataset, NewDataset } from './dataset.ts'
import { hashChunk, insertChunks } from './shared-chunk.repository.ts'
import { requireRoom } from './stored-quota.repository.ts'
import type { StoredChunk } from './table/packing.ts'
import type { LevelSlice, StoredPart } from './table/stored-part.ts'
import { discardDataset } from './unused-datasets.repository.ts'

/** Bytes of chunks that one transaction stores. */
const transactionBytes = 8 * 1024 * 1024

/** What goes with an upload: what its transaction stores too, and whether anybody still waits for it. */
export type InsertOptions = { onStored?: OnStored; signal?: AbortSignal; onError?: (error: unknown) => void }

/** Parts in any order, but chunks of a kind in theirs. */
type Parts = Iterable<StoredPart> | AsyncIterable<StoredPart>
type PartIterator = Iterator<StoredPart> | AsyncIterator<StoredPart>

/** @param maxStoredBytes bytes that a tenant's datasets may have together; undefined: any */
export const createUploadRepository = (database: Database, maxStoredBytes?: number) => {
  const { prisma, transaction, direct } = database

  /**
   * Stores a description and its parts; all or nothing. `signal` ends a large upload that nobody waits for any more.
   * @throws Problem UNAVAILABLE if it took so long that it counted as given up, QUOTA_EXCEEDED if the tenant has too much already
   */
  const insert = async (dataset: NewDataset, parts: Parts, options: InsertOptions = {}): Promise<Dataset> => {
    const { onStored, signal } = options
    await onStored?.ready()
    const rest = iterate(parts)
    const first = await takeFirst(rest)
    if (!first.isAll) return insertHidden(dataset, first.parts, rest, options)
    signal?.throwIfAborted()
    return transaction(async (tx) => {
      await requireRoom(tx, dataset, maxStoredBytes)
      const stored = await insertDescription(tx, dataset)
      const index = createIndex()
      for (const part of first.parts) if (part.kind === 'levels') await insertLevels(tx, dataset.id, part)
      await insertChunks(
        tx,
        dataset.id,
        first.parts.flatMap((part) => (part.kind === 'levels' ? [] : [{ ...part, index: index.next(part) }])),
      )
      await onStored?.write(tx, dataset.id)
      return stored
    })
  }

  const insertHidden = async (
    dataset: NewDataset,
    first: StoredPart[],
    rest: PartIterator,
    { onStored, signal, onError = () => {} }: InsertOptions,
  ): Promise<Dataset> => {
    try {
      signal?.throwIfAborted()
      const now = new Date()
      const stored = await transaction(async (tx) => {
        await requireRoom(tx, dataset, maxStoredBytes)
        return insertDescription(tx, dataset, { deletedAt: now, uploadingAt: now })
      })
      const index = createIndex()
      for await (const part of together(first, rest)) {
        signal?.throwIfAborted()
        if (part.kind === 'levels') await insertLevels(prisma, dataset.id, part)
        else await insertChunk(dataset.id, part, index.next(part))
      }
      signal?.throwIfAborted()
      return await transaction(async (tx) => {
        const [published] = await tx.$queryRaw<{ createdAt: Date }[]>`
          update "Dataset" set "deletedAt" = null, "uploadingAt" = null, "createdAt" = now()
          where id = ${dataset.id} and "uploadingAt" is not null returning "createdAt"`
        if (!published) throw givenUp()
        await onStored?.write(tx, dataset.id)
        return { ...stored, ...published }
      })
    } catch (error) {
      // Nobody waits for it: if the database is away, the housekeeping does it.
      void discardDataset(database, dataset.id).catch(onError)
      throw error
    }
  }

  /** Stores a chunk and says that the upload goes on, unless it counts as given up. */
  const insertChunk = async (id: string, { kind, bytes }: StoredChunk, index: number): Promise<void> => {
    const stored = await direct(
      `with alive as (
        update "Dataset" set "uploadingAt" = now() where id = $1 and "uploadingAt" is not null returning id
      ), stored as (
        insert into "Chunk" (hash, bytes) select $4::bytea, $5::bytea from alive
        on conflict (hash) do update set hash = excluded.hash returning hash
      )
      insert into "DatasetChunk" ("datasetId", kind, index, hash) select id, $2, $3::int, hash from alive, stored returning index`,
      [id, kind, index, hashChunk(bytes), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)],
    )
    if (stored.length === 0) throw givenUp()
  }

  return { insert }
}

export type UploadRepository = ReturnType<typeof createUploadRepository>

const givenUp = (): Problem => new Problem('UNAVAILABLE', 'Storing the upload was interrupted for too long; send it again')

/** Numbers the chunks of each kind. */
const createIndex = () => {
  const indices = { values: 0, wide: 0 }
  return { next: ({ kind }: StoredChunk): number => indices[kind]++ }
}

const insertLevels = async (client: DatabaseClient, datasetId: string, { column, index, first, values }: LevelSlice): Promise<void> => {
  await client.datasetLevels.create({ data: { datasetId, column, index, first, values } })
}

/** Any iterator, asked for one after the other. */
const iterate = (parts: Parts): PartIterator => (Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]())

/** So many parts as fit into a transaction; `isAll` if there are no others. */
const takeFirst = async (source: PartIterator): Promise<{ parts: StoredPart[]; isAll: boolean }> => {
  const parts: StoredPart[] = []
  let bytes = 0
  while (bytes <= transactionBytes) {
    const { value, done } = await source.next()
    if (done) return { parts, isAll: true }
    parts.push(value)
    bytes += sizeOf(value)
  }
  return { parts, isAll: false }
}

const sizeOf = (part: StoredPart): number =>
  part.kind === 'levels' ? part.values.reduce((sum, { length }) => sum + length, 0) : part.bytes.length

/** The parts that were taken and those that were not; the taken ones are let go one by one. */
async function* together(taken: StoredPart[], rest: PartIterator): AsyncGenerator<StoredPart> {
  for (let next = taken.shift(); next; next = taken.shift()) yield next
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}
