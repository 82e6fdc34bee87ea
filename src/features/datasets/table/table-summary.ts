import type { StoredColumn } from '../../../api/column.schema.ts'
import type { BadRows, DatasetNote } from '../../../api/dataset.schema.ts'

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
