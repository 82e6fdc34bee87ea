/** What a child that reads a table tells, frame by frame, and how it is written. */
import type { StoredColumn } from '../../../api/column.schema.ts'
import type { BadRows, DatasetNote } from '../../../api/dataset.schema.ts'
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import type { ProblemCode, ValidationError } from '../../../contracts/error-codes.ts'
import type { TableDescription } from './describe-table.ts'
import type { PackedRows } from './packing.ts'

/** `again`: the rows are told once more from the first. `done` and `refused` are the last ones. */
export const frameKinds = { packed: 1, again: 2, levels: 3, codes: 4, done: 5, refused: 6 } as const

/** What a child is to do. */
export type ChildTask = { format: string; options: UploadOptions }

/** A table but for its rows, its levels and their codes. */
export type DoneFrame = {
  columns: StoredColumn[]
  rows: number
  notes: DatasetNote[]
  badRows: BadRows | null
  wide: readonly number[]
  options: UploadOptions
}
export type RefusedFrame = { code: ProblemCode; detail: string; errors: ValidationError[] }

/** The parts of a frame of rows. */
export const packedParts = ({ rows, values, wide }: PackedRows): Uint8Array[] => [
  bytesOf(Uint32Array.of(rows, wide.columns.length, ...wide.columns)),
  bytesOf(values),
  bytesOf(wide.values),
]

/** @throws RangeError if it is no frame of rows */
export const readPacked = (frame: Buffer): PackedRows => {
  const rows = frame.readUInt32LE(0)
  const columns = Array.from({ length: frame.readUInt32LE(4) }, (_, at) => frame.readUInt32LE(8 + 4 * at))
  const wideBytes = 8 * rows * columns.length
  const from = 8 + 4 * columns.length
  return {
    rows,
    values: new Float32Array(own(frame.subarray(from, frame.length - wideBytes))),
    wide: { columns, values: new Float64Array(own(frame.subarray(frame.length - wideBytes))) },
  }
}

/** The final codes of a column's texts. */
export const codesParts = (column: number, codes: Float32Array): Uint8Array[] => [bytesOf(Uint32Array.of(column)), bytesOf(codes)]

export const readCodes = (frame: Buffer): { column: number; codes: Float32Array } => ({
  column: frame.readUInt32LE(0),
  codes: new Float32Array(own(frame.subarray(4))),
})

/** The description that a child told in pieces. */
export const describedBy = (
  { columns, rows, notes, badRows, wide }: DoneFrame,
  levels: Map<number, string[]>,
  codes: ReadonlyMap<number, Float32Array>,
): Omit<TableDescription, 'errors'> => ({
  columns,
  rows,
  notes,
  badRows,
  levels,
  finish: { width: columns.length, codes: columns.map((_, column) => codes.get(column)), wide },
})

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)

/** Memory of its own, as typed arrays need it. */
const own = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer
