import type { PrismaClient } from '../../generated/prisma/client.ts'

/** Reads the stored rows of an upload, chunk by chunk, in order. */
export const createChunkRepository = ({ prisma }: { prisma: PrismaClient }) => {
  const read = async (datasetId: string, index: number): Promise<Uint8Array | null> => {
    const [chunk] = await prisma.$queryRaw<{ bytes: Uint8Array }[]>`
      select coalesce(own.bytes, shared.bytes) as bytes from "DatasetChunk" own left join "Chunk" shared using (hash)
      where "datasetId" = ${datasetId} and kind = 'values' and index = ${index}`
    return chunk?.bytes ?? null
  }

  /** Packed float32 rows, about 1 MiB at a time; the next chunk is read while the last one is used. */
  async function* stream(datasetId: string): AsyncGenerator<Uint8Array> {
    let next = read(datasetId, 0)
    for (let index = 1; ; index++) {
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
