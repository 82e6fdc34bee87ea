/** A stored table as slices of so many whole rows, from a row on. */
import type { ChunkRepository } from '../../src/features/datasets/chunk.repository.ts'
import { rowsPerChunk } from '../../src/features/datasets/table/packing.ts'

type Table = { datasetId: string; width: number }

/** Packed float32; the last slice may be smaller. At most one chunk is held besides the slice. */
export async function* rowSlices(
  chunks: Pick<ChunkRepository, 'stream'>,
  { datasetId, width }: Table,
  { from, size }: { from: number; size: number },
): AsyncGenerator<Uint8Array> {
  const rowBytes = 4 * width
  const perChunk = rowsPerChunk(width)
  let skip = (from % perChunk) * rowBytes
  let slice = new Uint8Array(size * rowBytes)
  let filled = 0
  for await (const chunk of chunks.stream(datasetId, Math.floor(from / perChunk))) {
    let rest = chunk.subarray(skip)
    skip = 0
    while (rest.length > 0) {
      const taken = rest.subarray(0, slice.length - filled)
      slice.set(taken, filled)
      filled += taken.length
      rest = rest.subarray(taken.length)
      if (filled < slice.length) continue
      yield slice
      slice = new Uint8Array(size * rowBytes)
      filled = 0
    }
  }
  if (filled > 0) yield slice.subarray(0, filled)
}
