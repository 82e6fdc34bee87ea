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

  /** All of it in order; what is given may be changed. */
  function* read(): Generator<PackedRows> {
    const chunks = spool.chunks()
    for (const { rows, wide } of about) {
      const values = floats(chunks.next().value)
      const exact = wide.length > 0 ? doubles(chunks.next().value) : new Float64Array()
      yield { rows, values, wide: { columns: wide, values: exact } }
    }
  }

  return { add, read, remove: spool.remove }
}

export type ChunkStore = ReturnType<typeof createChunkStore>

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)

const floats = (chunk: Buffer | undefined): Float32Array => {
  const { buffer } = own(chunk)
  return new Float32Array(buffer)
}

const doubles = (chunk: Buffer | undefined): Float64Array => new Float64Array(own(chunk).buffer)

/** A copy in memory of its own, as typed arrays need it. */
const own = (chunk: Buffer = Buffer.alloc(0)): Uint8Array<ArrayBuffer> => Uint8Array.from(chunk)
