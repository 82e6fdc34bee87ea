import type { PrismaClient } from '../../generated/prisma/client.ts'
import { hashChunk } from './shared-chunk.repository.ts'

/** Reads the stored rows of an upload, chunk by chunk, in order. */
export const createChunkRepository = ({ prisma }: { prisma: PrismaClient }) => {
  /** @throws Error if the bytes are not those that were stored */
  const read = async (datasetId: string, index: number): Promise<Uint8Array | null> => {
    const [chunk] = await prisma.$queryRaw<{ bytes: Uint8Array; hash: Uint8Array | null }[]>`
      select coalesce(own.bytes, shared.bytes) as bytes, hash from "DatasetChunk" own left join "Chunk" shared using (hash)
      where "datasetId" = ${datasetId} and kind = 'values' and index = ${index}`
    // Earlier versions stored no checksum.
    if (chunk?.hash && !Buffer.from(hashChunk(chunk.bytes)).equals(chunk.hash))
      throw new Error(`chunk ${index} of dataset ${datasetId} is not what was stored: its checksum differs`)
    return chunk?.bytes ?? null
  }

  /** Packed float32 rows, about 1 MiB at a time, from a chunk on; the next chunk is read while the last one is used. */
  async function* stream(datasetId: string, from = 0): AsyncGenerator<Uint8Array> {
    let next = read(datasetId, from)
    for (let index = from + 1; ; index++) {
      const bytes = await next
      if (!bytes) return
      next = read(datasetId, index)
      next.catch(() => {})
      yield bytes
    }
  }

  return { stream }
}

export type ChunkRepository = ReturnType<typeof createChunkRepository>
