/**
 * Uploads on their way into the database. A small one is stored in one transaction. Of a large one each chunk is a statement of its
 * own, while its dataset is hidden as a deleted one is; it appears in one small transaction once all of it is there. (docs/adr/0013)
 */
import { Problem } from '../../contracts/error-codes.ts'
import type { Database } from '../../platform/db/database-client.ts'
import type { OnStored } from '../on-stored.ts'
import { insertDescription } from './dataset.repository.ts'
import type { Dataset, NewDataset } from './dataset.ts'
import { discardDataset } from './unused-datasets.repository.ts'

/** Bytes of chunks that one transaction stores. */
const transactionBytes = 8 * 1024 * 1024

/** What goes with an upload: what its transaction stores too, and whether anybody still waits for it. */
export type InsertOptions = { onStored?: OnStored; signal?: AbortSignal; onError?: (error: unknown) => void }

export const createUploadRepository = ({ prisma, transaction, direct }: Database) => {
  /**
   * Stores a description and its chunks; all or nothing. `signal` ends a large upload that nobody waits for any more.
   * @throws Problem UNAVAILABLE if it took so long that it counted as given up
   */
  const insert = async (dataset: NewDataset, chunks: Iterable<Uint8Array>, options: InsertOptions = {}): Promise<Dataset> => {
    const { onStored, signal } = options
    await onStored?.ready()
    const rest = chunks[Symbol.iterator]()
    const first = takeFirst(rest)
    if (!first.isAll) return insertHidden(dataset, first.chunks, rest, options)
    signal?.throwIfAborted()
    return transaction(async (tx) => {
      const stored = await insertDescription(tx, dataset)
      let index = 0
      for (const bytes of first.chunks)
        await tx.datasetChunk.create({ data: { datasetId: dataset.id, index: index++, bytes: Uint8Array.from(bytes) } })
      await onStored?.write(tx, dataset.id)
      return stored
    })
  }

  const insertHidden = async (
    dataset: NewDataset,
    first: Uint8Array[],
    rest: Iterator<Uint8Array>,
    { onStored, signal, onError = () => {} }: InsertOptions,
  ): Promise<Dataset> => {
    try {
      signal?.throwIfAborted()
      const now = new Date()
      const stored = await insertDescription(prisma, dataset, { deletedAt: now, uploadingAt: now })
      let index = 0
      for (const bytes of together(first, rest)) {
        signal?.throwIfAborted()
        await insertChunk(dataset.id, index++, bytes)
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
      void discardDataset(prisma, dataset.id).catch(onError)
      throw error
    }
  }

  /** Stores a chunk and says that the upload goes on, unless it counts as given up. */
  const insertChunk = async (id: string, index: number, bytes: Uint8Array): Promise<void> => {
    const stored = await direct(
      `with alive as (update "Dataset" set "uploadingAt" = now() where id = $1 and "uploadingAt" is not null returning id)
      insert into "DatasetChunk" ("datasetId", index, bytes) select id, $2::int, $3::bytea from alive returning index`,
      [id, index, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)],
    )
    if (stored.length === 0) throw givenUp()
  }

  return { insert }
}

export type UploadRepository = ReturnType<typeof createUploadRepository>

const givenUp = (): Problem => new Problem('UNAVAILABLE', 'Storing the upload was interrupted for too long; send it again')

/** So many chunks as fit into a transaction; `isAll` if there are no others. */
const takeFirst = (source: Iterator<Uint8Array>): { chunks: Uint8Array[]; isAll: boolean } => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  while (bytes <= transactionBytes) {
    const { value, done } = source.next()
    if (done) return { chunks, isAll: true }
    chunks.push(value)
    bytes += value.length
  }
  return { chunks, isAll: false }
}

/** The chunks that were taken and those that were not; the taken ones are let go one by one. */
function* together(taken: Uint8Array[], rest: Iterator<Uint8Array>): Generator<Uint8Array> {
  for (let next = taken.shift(); next; next = taken.shift()) yield next
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value
}
