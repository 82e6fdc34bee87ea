/**
 * Values too large for one statement, in chunks: a checkpoint's, or those that were recorded with it. A blob is written before
 * the statement that refers to it, under the claim's token like every other write; what nothing came to refer to is swept away.
 */
import { randomUUID } from 'node:crypto'
import type { Database } from '../../platform/db/database-client.ts'
import { type Holder, heldText } from './sql/held.ts'

/** Bytes of a chunk: the driver needs a few times as much while it sends one. */
export const blobChunkBytes = 4 * 2 ** 20

/** Reads so many bytes from a place on. */
export type ReadBytes = (at: number, length: number) => Promise<Uint8Array>

export type BlobOptions = {
  /** Bytes of a chunk. */
  size?: number
  /** How a chunk is tried again that the database did not take. */
  retry?: <T>(attempt: () => Promise<T>) => Promise<T>
}

/** One database's blobs. */
export const createBlobRepository = (
  { direct }: Pick<Database, 'direct'>,
  { size = blobChunkBytes, retry = (attempt) => attempt() }: BlobOptions = {},
) => {
  /**
   * Writes `total` bytes, of which the next are read while the last are being written. Gives the blob's id; null if the lease
   * was lost meanwhile. Heartbeats go on beside it.
   */
  const write = async ({ jobId, token }: Holder, total: number, read: ReadBytes): Promise<string | null> => {
    const id = randomUUID()
    const begin = () =>
      direct(
        `insert into "Blob" (id, "jobId", token, "pieceBytes") select $1, id, $3, $4 from "Job" where id = $2 and ${isHeld}
          on conflict (id) do update set token = excluded.token returning id`,
        [id, jobId, token, size],
      )
    if ((await retry(begin)).length === 0) return null
    let writing = Promise.resolve(true)
    for (let at = 0; at < total; at += size) {
      const bytes = await read(at, Math.min(size, total - at))
      if (!(await writing)) return null
      writing = retry(() => writeChunk({ jobId, token }, id, at / size, bytes))
      // Who waits for it next hears of a failure, even if reading fails first.
      writing.catch(() => {})
    }
    return (await writing) ? id : null
  }

  const writeChunk = async ({ jobId, token }: Holder, id: string, index: number, bytes: Uint8Array): Promise<boolean> => {
    const rows = await direct(
      `insert into "BlobPiece" ("blobId", index, bytes) select $1, $4, $5 from "Job" where id = $2 and ${isHeld}
        on conflict ("blobId", index) do update set bytes = excluded.bytes returning index`,
      [id, jobId, token, index, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)],
    )
    return rows.length > 0
  }

  /** Reads a job's checkpoint, which stands still while the job is held. @throws where it is gone */
  const checkpoint =
    (jobId: string): ReadBytes =>
    async (at, length) => {
      const [row] = await direct<{ bytes: Buffer | null }>(
        'select checkpoint_slice(saved, $2, $3) as bytes from "Checkpoint" saved where saved."jobId" = $1',
        [jobId, at, length],
      )
      if (row?.bytes?.length !== length) throw new Error(`the checkpoint of job ${jobId} ends before byte ${at + length}`)
      return row.bytes
    }

  return { write, checkpoint, chunkBytes: size }
}

export type BlobRepository = ReturnType<typeof createBlobRepository>

/** What every write of a worker checks; $3 is its token. */
const isHeld = `"leaseToken" = $3::uuid and ${heldText('status')}`
