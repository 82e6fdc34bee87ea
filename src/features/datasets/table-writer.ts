/** Packs rows into what a dataset stores: chunks of little-endian float32, statistics of each column, and a hash of the content. */

import { createHash } from 'node:crypto'
import type { StoredColumn } from '../../api/column.schema.ts'
import type { BadRows, DatasetNote } from '../../api/dataset.schema.ts'
import type { UploadOptions } from '../../api/upload-options.schema.ts'
import { present } from '../../numerics/must.ts'
import { columnRoles } from './column-roles.ts'

/** Bytes that a chunk aims at; it always holds whole rows. */
const chunkBytes = 1024 * 1024

/** Rows in every chunk of a table of this width but the last. */
export const rowsPerChunk = (width: number): number => Math.max(1, Math.floor(chunkBytes / (4 * Math.max(1, width))))

/** A finished table, without its chunks. */
export type TableSummary = {
  columns: StoredColumn[]
  rows: number
  contentHash: string
  notes?: DatasetNote[]
  badRows?: BadRows | null
  /** Bytes of cells, exact values and levels; those of the cells alone unless it is said. */
  storedBytes?: number
}

/** What is known of each column so far; arrays, since a table may have very many columns. */
type Running = { min: Float64Array; max: Float64Array; mean: Float64Array; squares: Float64Array; broken: Uint8Array }

/** Takes rows one after the other; `emit` gets each full chunk in order. */
export const createTableWriter = ({ names, emit }: { names: readonly string[]; emit: (chunk: Buffer) => void }) => {
  const width = names.length
  const perChunk = rowsPerChunk(width)
  const statistics: Running = {
    min: new Float64Array(width).fill(Infinity),
    max: new Float64Array(width).fill(-Infinity),
    mean: new Float64Array(width),
    squares: new Float64Array(width),
    broken: new Uint8Array(width),
  }
  const hash = createHash('sha256')
  let chunk = Buffer.alloc(4 * width * perChunk)
  let filled = 0
  let rows = 0

  const flush = (): void => {
    if (filled === 0) return
    const full = chunk.subarray(0, filled * 4 * width)
    hash.update(full)
    emit(full)
    chunk = Buffer.alloc(4 * width * perChunk)
    filled = 0
  }

  /** Adds one row: as many finite numbers as there are columns. */
  const add = (values: ArrayLike<number>): void => {
    rows++
    for (let at = 0; at < width; at++) {
      const value = Math.fround(present(values[at]))
      chunk.writeFloatLE(value, 4 * (filled * width + at))
      updateStatistics(statistics, at, value, rows)
    }
    filled++
    if (filled === perChunk) flush()
  }

  /** Ends the table. The hash is of names, roles, input shape and values. */
  const finish = (options: UploadOptions): TableSummary => {
    flush()
    const roles = columnRoles(names, options)
    const columns = names.map((name, at): StoredColumn => {
      const of = (values: Float64Array): number => values[at] ?? Number.NaN
      const type = statistics.broken[at] ? 'number' : 'integer'
      const std = Math.sqrt(of(statistics.squares) / rows)
      return { name, role: roles[at] ?? null, type, min: of(statistics.min), max: of(statistics.max), mean: of(statistics.mean), std }
    })
    hash.update(JSON.stringify([columns.map(({ name, role }) => [name, role]), options.inputShape ?? null]))
    return { columns, rows, contentHash: hash.digest('hex') }
  }

  return { add, finish }
}

/** Welford's update of a column's mean and sum of squared deviations, its `count`-th value included. */
const updateStatistics = ({ min, max, mean, squares, broken }: Running, at: number, value: number, count: number): void => {
  if (value < (min[at] as number)) min[at] = value
  if (value > (max[at] as number)) max[at] = value
  const before = mean[at] as number
  const deviation = value - before
  const now = before + deviation / count
  mean[at] = now
  squares[at] = (squares[at] as number) + deviation * (value - now)
  if (!Number.isInteger(value)) broken[at] = 1
}
