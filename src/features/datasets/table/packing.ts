/** Rows on their way into chunks: first as they come, with what a float32 loses beside; then as they are stored. */
import { unstored } from './levels.ts'

/** A chunk of rows before their texts have their final codes; `wide` has the exact values of some columns, one row of them after the other. */
export type PackedRows = { rows: number; values: Float32Array; wide: { columns: readonly number[]; values: Float64Array } }

/** Bytes that a chunk aims at; it always holds whole rows. */
const chunkBytes = 1024 * 1024
/** Largest whole number up to which a float32 holds all. */
const exactUpTo = 2 ** 24
const firstRows = 256

/** Packs rows; `emit` gets each full chunk, and copies what it keeps. */
export const createRowPacker = (width: number, emit: (packed: PackedRows) => void) => {
  const most = rowsPerChunk(width)
  let values = new Float32Array(Math.min(most, firstRows) * width)
  let filled = 0
  let wide: number[] = []
  let exact: Float64Array[] = []
  const isWide = new Uint8Array(width)

  /** Keeps a column's exact values from now on; those before are exact as they are. */
  const widen = (column: number): void => {
    isWide[column] = 1
    const before = new Float64Array(most)
    for (let row = 0; row < filled; row++) before[row] = values[row * width + column] as number
    wide = [...wide, column]
    exact = [...exact, before]
  }

  /** Adds a row, and says whether it filled a chunk. */
  const add = (row: Float64Array): void => {
    const at = filled * width
    if (at === values.length) grow()
    for (let column = 0; column < width; column++) values[at + column] = row[column] as number
    for (let place = 0; place < wide.length; place++) (exact[place] as Float64Array)[filled] = row[wide[place] as number] as number
    if (++filled === most) flush()
  }

  const grow = (): void => {
    const larger = new Float32Array(Math.min(most * width, values.length * 4))
    larger.set(values)
    values = larger
  }

  const flush = (): void => {
    if (filled === 0) return
    const rows = filled
    filled = 0
    const together = new Float64Array(rows * wide.length)
    for (const [place, list] of exact.entries())
      for (let row = 0; row < rows; row++) together[row * wide.length + place] = list[row] as number
    emit({ rows, values: values.subarray(0, rows * width), wide: { columns: wide, values: together } })
  }

  return { add, flush, widen, isWide }
}

/** True for a value that a float32 may not hold. */
export const isBeyondFloat32 = (value: number): boolean => value > exactUpTo || value < -exactUpTo

/** What becomes of columns: the final codes of texts, NaN where they are not stored; and those of which exact values are kept. */
export type Finish = { width: number; codes: readonly (Float32Array | undefined)[]; wide: readonly number[] }

/** A stored chunk: little-endian, row-major; float32 of all columns, or float64 of the wide ones. */
export type StoredChunk = { kind: 'values' | 'wide'; bytes: Buffer }

/** Rows in every chunk of a table of this width but the last. */
export const rowsPerChunk = (width: number): number => Math.max(1, Math.floor(chunkBytes / (4 * Math.max(1, width))))

/** Rows of wide values in every chunk but the last. */
export const rowsPerWideChunk = (columns: number): number => rowsPerChunk(2 * columns)

/** Makes packed rows into stored chunks, values first of each; takes the memory of what it is given. */
export const createChunkFinisher = ({ width, codes, wide }: Finish) => {
  const texts = codes.flatMap((list, column) => (list ? [{ list, column }] : []))
  const most = rowsPerWideChunk(wide.length)
  let exact = new Float64Array(wide.length === 0 ? 0 : most * wide.length)
  let filled = 0

  const finish = function* (packed: PackedRows): Generator<StoredChunk> {
    if (wide.length > 0) yield* takeWide(packed)
    for (const { list, column } of texts) recode(packed.values, column, list)
    const { buffer, byteOffset, byteLength } = packed.values
    yield { kind: 'values', bytes: Buffer.from(buffer, byteOffset, byteLength) }
  }

  const takeWide = function* ({ rows, values, wide: kept }: PackedRows): Generator<StoredChunk> {
    const places = wide.map((column) => ({ column, place: kept.columns.indexOf(column) }))
    for (let row = 0; row < rows; row++) {
      for (const [at, { column, place }] of places.entries()) {
        const value = place < 0 ? values[row * width + column] : kept.values[row * kept.columns.length + place]
        exact[filled * wide.length + at] = value as number
      }
      if (++filled === most) yield* rest()
    }
  }

  /** Gives texts their final codes. */
  const recode = (values: Float32Array, column: number, codes: Float32Array): void => {
    for (let at = column; at < values.length; at += width) {
      const code = values[at] as number
      if (!Number.isNaN(code)) values[at] = code === unstored ? Number.NaN : (codes[code] as number)
    }
  }

  /** The wide values that fill no chunk. */
  const rest = function* (): Generator<StoredChunk> {
    if (filled === 0) return
    const bytes = Buffer.from(exact.buffer, 0, filled * wide.length * 8)
    exact = new Float64Array(most * wide.length)
    filled = 0
    yield { kind: 'wide', bytes }
  }

  return { finish, rest }
}
