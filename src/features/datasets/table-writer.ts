/** Packs rows into what a dataset stores: chunks of little-endian float32, statistics of each column, and a hash of the content. */
import { createHash } from 'node:crypto'
import type { StoredColumn, UploadOptions } from '../../contracts/dataset.ts'
import { columnRoles } from './column-roles.ts'

/** Bytes that a chunk aims at; it always holds whole rows. */
const chunkBytes = 1024 * 1024

/** Rows in every chunk of a table of this width but the last. */
export const rowsPerChunk = (width: number): number => Math.max(1, Math.floor(chunkBytes / (4 * Math.max(1, width))))

/** A finished table, without its chunks. */
export type TableSummary = { columns: StoredColumn[]; rows: number; contentHash: string }

type Running = { min: number; max: number; mean: number; squares: number; whole: boolean }

/** Takes rows one after the other; `emit` gets each full chunk in order. */
export const createTableWriter = ({ names, emit }: { names: readonly string[]; emit: (chunk: Buffer) => void }) => {
  const width = names.length
  const perChunk = rowsPerChunk(width)
  const statistics: Running[] = names.map(() => ({ min: Infinity, max: -Infinity, mean: 0, squares: 0, whole: true }))
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
      const value = Math.fround(values[at] ?? 0)
      chunk.writeFloatLE(value, 4 * (filled * width + at))
      updateStatistics(statistics[at] as Running, value, rows)
    }
    filled++
    if (filled === perChunk) flush()
  }

  /** Ends the table. The hash is of names, roles, input shape and values. */
  const finish = (options: UploadOptions): TableSummary => {
    flush()
    const roles = columnRoles(names, options)
    const columns = names.map((name, at): StoredColumn => {
      const { min, max, mean, squares, whole } = statistics[at] as Running
      return { name, role: roles[at] ?? null, type: whole ? 'integer' : 'number', min, max, mean, std: Math.sqrt(squares / rows) }
    })
    hash.update(JSON.stringify([columns.map(({ name, role }) => [name, role]), options.inputShape ?? null]))
    return { columns, rows, contentHash: hash.digest('hex') }
  }

  return { add, finish }
}

export type TableWriter = ReturnType<typeof createTableWriter>

/** Welford's update of mean and sum of squared deviations, the `count`-th value included. */
const updateStatistics = (running: Running, value: number, count: number): void => {
  if (value < running.min) running.min = value
  if (value > running.max) running.max = value
  const deviation = value - running.mean
  running.mean += deviation / count
  running.squares += deviation * (value - running.mean)
  if (running.whole && !Number.isInteger(value)) running.whole = false
}
