/** Tables that are stored as an upload stores them, for tests of what is read of them. */
import type { StoredColumn } from '../../src/api/column.schema.ts'
import type { NewDataset } from '../../src/features/datasets/dataset.ts'
import type { StoredPart } from '../../src/features/datasets/table/stored-part.ts'

export const newTable = (id: string, columns: StoredColumn[], rows: number, about: Partial<NewDataset> = {}): NewDataset => ({
  id,
  tenant: 'default',
  kind: 'upload',
  spec: null,
  csv: null,
  format: 'csv',
  notes: [],
  badRows: null,
  missing: null,
  storedBytes: 4 * columns.length * rows,
  name: null,
  metadata: {},
  expiresAt: null,
  columns,
  rows,
  inputShape: [],
  contentHash: 'hash',
  ...about,
})

/** One chunk of these rows. */
export const chunkOf = (rows: readonly (readonly number[])[]): StoredPart => ({
  kind: 'values',
  bytes: Buffer.from(Float32Array.from(rows.flat()).buffer),
})

/** One chunk of the exact values of these rows' wide columns. */
export const wideChunkOf = (rows: readonly (readonly number[])[]): StoredPart => ({
  kind: 'wide',
  bytes: Buffer.from(Float64Array.from(rows.flat()).buffer),
})

/** The levels of a column, in slices of so many. */
export const slicesOf = (column: number, levels: readonly string[], size = levels.length): StoredPart[] =>
  Array.from({ length: Math.ceil(levels.length / size) }, (_, index) => ({
    kind: 'levels',
    column,
    index,
    first: index * size,
    values: levels.slice(index * size, (index + 1) * size),
  }))
