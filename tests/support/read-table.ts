/** Files read into tables without a service, and what is stored of them told in plain values. */
import assert from 'node:assert/strict'
import type { StoredColumn } from '../../src/api/column.schema.ts'
import type { DatasetNote } from '../../src/api/dataset.schema.ts'
import type { UploadOptions } from '../../src/api/upload-options.schema.ts'
import { Problem, type ValidationError } from '../../src/contracts/error-codes.ts'
import { type ChunkSpools, createChunkSpools } from '../../src/features/datasets/chunk-spool.ts'
import { csv } from '../../src/features/datasets/formats/csv.ts'
import type { FileFormat } from '../../src/features/datasets/formats/upload-format.ts'
import { formatDate, formatDatetime } from '../../src/features/datasets/table/moments.ts'
import { rowsPerChunk, rowsPerWideChunk } from '../../src/features/datasets/table/packing.ts'
import type { FileHints } from '../../src/features/datasets/table/piece-reader.ts'
import type { StoredPart } from '../../src/features/datasets/table/stored-part.ts'
import { createTableIntake } from '../../src/features/datasets/table/table-intake.ts'

type Given = {
  format?: FileFormat
  hints?: FileHints
  options?: UploadOptions
  spools?: ChunkSpools
}

export type Cell = number | string | boolean | null

/** What came of a file; of one that is refused its code and errors alone. */
export type ReadFile = {
  code?: string
  errors: ValidationError[]
  csv: { delimiter: string; header: boolean; decimal?: string; charset?: string } | null
  names: string[]
  columns: StoredColumn[]
  /** Values in words where they are dates or texts; missing ones are null. */
  rows: Cell[][]
  notes: DatasetNote[]
  badRows: { count: number; rows: { line: number; message: string }[] } | null
  contentHash: string
  parts: StoredPart[]
}

const nothing = { csv: null, names: [], columns: [], rows: [], notes: [], badRows: null, contentHash: '', parts: [] }

export const readTable = (
  pieces: readonly (string | Uint8Array)[],
  { format: { open } = csv, hints = {}, options = {}, spools = createChunkSpools({ most: 2 ** 30 }) }: Given = {},
): ReadFile => {
  assert.ok(open, 'a format that is read piece by piece')
  const intake = createTableIntake({ open, hints: { ...options, ...hints }, spools })
  try {
    for (const piece of pieces) intake.write(Buffer.from(piece))
    const work = intake.finish(options)
    let step = work.next()
    while (!step.done) step = work.next()
    const { summary, csv } = step.value
    const parts = [...intake.parts()]
    const { columns, rows, notes = [], badRows = null, contentHash } = summary
    return {
      errors: [],
      csv,
      names: columns.map(({ name }) => name),
      columns,
      rows: cellsOf(columns, rows, parts),
      notes,
      badRows,
      contentHash,
      parts,
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { ...nothing, code: error.code, errors: error.errors }
  } finally {
    intake.remove()
  }
}

/** What the service will show of stored parts. */
export const cellsOf = (columns: readonly StoredColumn[], rows: number, parts: readonly StoredPart[]): Cell[][] => {
  const width = columns.length
  const chunks = parts.flatMap((part) => (part.kind === 'values' ? [part.bytes] : []))
  const wideChunks = parts.flatMap((part) => (part.kind === 'wide' ? [part.bytes] : []))
  const wide = columns.flatMap(({ wide }, at) => (wide ? [at] : []))
  const levels = new Map<number, string[]>()
  for (const part of parts) if (part.kind === 'levels') levels.set(part.column, [...(levels.get(part.column) ?? []), ...part.values])
  const exact = (row: number, column: number): number => {
    const place = wide.indexOf(column)
    if (place < 0)
      return chunks[Math.floor(row / rowsPerChunk(width))]?.readFloatLE(4 * ((row % rowsPerChunk(width)) * width + column)) ?? Number.NaN
    const most = rowsPerWideChunk(wide.length)
    return wideChunks[Math.floor(row / most)]?.readDoubleLE(8 * ((row % most) * wide.length + place)) ?? Number.NaN
  }
  return Array.from({ length: rows }, (_, row) =>
    columns.map(({ type }, column) => {
      const value = exact(row, column)
      if (Number.isNaN(value)) return null
      if (type === 'boolean') return value === 1
      if (type === 'date') return formatDate(value)
      if (type === 'datetime') return formatDatetime(value)
      return levels.get(column)?.[value] ?? value
    }),
  )
}
