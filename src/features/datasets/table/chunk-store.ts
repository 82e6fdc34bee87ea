/** The packed rows of a table that is still read, in a spool. */
import type { ChunkSpools } from '../chunk-spool.ts'
import type { PackedRows } from './packing.ts'

export const createChunkStore = (spools: ChunkSpools) => {
  const spool = spools.open()
  const about: { rows: number; wide: readonly number[] }[] = []

  const add = ({ rows, values, wide }: PackedRows): void => {
    spool.add(bytesOf(values))
    if (wide.columns.length > 0) spool.add(bytesOf(wide.values))
    about.push({ rows, wide: wide.columns })
  }

  /** All of it in order; what is given may be kept and changed. */
  function* read(): Generator<PackedRows> {
    const chunks = spool.chunks()
    for (const { rows, wide } of about) {
      const values = new Float32Array(memoryOf(chunks.next()))
      const exact = wide.length > 0 ? new Float64Array(memoryOf(chunks.next())) : new Float64Array()
      yield { rows, values, wide: { columns: wide, values: exact } }
    }
  }

  return { add, read, remove: spool.remove }
}

export type ChunkStore = ReturnType<typeof createChunkStore>

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)

/** What a spool gives is alone in its memory, as typed arrays need it. */
const memoryOf = ({ value }: IteratorResult<Buffer<ArrayBuffer>, void>): ArrayBuffer => {
  if (!value) throw new Error('the spool of a table lost a chunk')
  return value.buffer
}
