/** Chunks that all datasets share which hold the same bytes: stored once under their SHA-256, gone once no dataset refers to them. */
import { createHash } from 'node:crypto'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'

type Transactions = Pick<Database, 'prisma' | 'transaction'>

/** Chunks that one statement deletes: about 32 MiB, unless their rows are very wide. */
const chunksAtOnce = 32
/** Chunks that are looked at in one round. */
const perRound = 1000

/** SHA-256 of a chunk's bytes: under which they are stored, and by which they are known to be those that were stored. */
export const hashChunk = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(createHash('sha256').update(bytes).digest())

/**
 * Deletes those of these chunks that no dataset refers to. Who is about to refer to one either comes first, then it stays, or waits
 * and stores it anew.
 */
export const removeUnusedChunks = async ({ transaction }: Pick<Database, 'transaction'>, hashes: readonly Uint8Array[]): Promise<void> => {
  for (let at = 0; at < hashes.length; at += chunksAtOnce) {
    const some = hashes.slice(at, at + chunksAtOnce)
    await transaction(async (tx) => {
      const held = await tx.$queryRaw<{ hash: Uint8Array }[]>`
        select hash from "Chunk" where hash = any(${some}::bytea[]) order by hash for update skip locked`
      // A statement of its own: it sees what was stored before the chunks were locked.
      await tx.$executeRaw`
        delete from "Chunk" chunk where hash = any(${held.map(({ hash }) => hash)}::bytea[])
          and not exists (select from "DatasetChunk" where hash = chunk.hash)`
    })
  }
}

/** Deletes what some hidden datasets refer to of shared chunks, and the chunks that nobody else refers to. Says how many references went. */
export const removeReferences = async (database: Transactions, id?: string): Promise<number> => {
  const removed = await database.prisma.$queryRaw<{ hash: Uint8Array }[]>`
    delete from "DatasetChunk" where ctid = any(array(
      select ctid from "DatasetChunk" where hash is not null and "datasetId" in (
        select id from "Dataset" where "deletedAt" is not null and "uploadingAt" is null and (${id ?? null}::text is null or id = ${id ?? null}))
      limit ${chunksAtOnce} for update skip locked)) returning hash`
  await removeUnusedChunks(
    database,
    removed.map(({ hash }) => hash),
  )
  return removed.length
}

/** Goes through all chunks, some at a time, and removes those that died with the process that deleted their datasets. */
export const sweepUnusedChunks = async (database: Transactions, after: Uint8Array): Promise<{ removed: number; last: Uint8Array }> => {
  const rows = await database.prisma.$queryRaw<{ hash: Uint8Array; unused: boolean }[]>`
    select hash, not exists (select from "DatasetChunk" where hash = chunk.hash) as unused
    from "Chunk" chunk where hash > ${after} order by hash limit ${perRound}`
  const unused = rows.filter((row) => row.unused).map(({ hash }) => hash)
  await removeUnusedChunks(database, unused)
  return { removed: unused.length, last: rows.length < perRound ? new Uint8Array() : (rows.at(-1)?.hash ?? new Uint8Array()) }
}

/** Stores chunks of one dataset within a transaction, in the order of their hashes, so that no two transactions wait for each other. */
export const insertChunks = async (
  client: DatabaseClient,
  datasetId: string,
  chunks: readonly { kind: string; index: number; bytes: Uint8Array }[],
): Promise<void> => {
  const hashed = chunks.map((chunk) => ({ ...chunk, hash: hashChunk(chunk.bytes) }))
  for (const { kind, index, bytes, hash } of hashed.sort((a, b) => Buffer.compare(a.hash, b.hash)))
    await client.$executeRaw`
      with stored as (
        insert into "Chunk" (hash, bytes) values (${hash}, ${Uint8Array.from(bytes)})
        on conflict (hash) do update set hash = excluded.hash returning hash
      )
      insert into "DatasetChunk" ("datasetId", kind, index, hash) select ${datasetId}, ${kind}, ${index}::int, hash from stored`
}
