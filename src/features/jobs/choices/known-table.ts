/** What is known of a table if a job on it is chosen: its columns, and what they may be used for. */
import type { ColumnType, StoredColumn } from '../../../api/column.schema.ts'
import type { SyntheticSpec } from '../../../catalog/generators.ts'
import { describeSynthetic } from '../../datasets/generators/generate.ts'

export type KnownTable = { rows: number; columns: readonly StoredColumn[]; inputShape: readonly number[]; spec?: SyntheticSpec | null }

/** What a column's values are to a model: quantities, a yes or no, one of `classes`, or nothing that it can take. */
export type ValueKind = { is: 'number' } | { is: 'decision' } | { is: 'class'; classes: number } | { is: 'text' }

/** What a label's values are. Whole numbers are quantities, however few there are, unless a synthetic table says that they count classes. */
export const labelKind = (column: StoredColumn, { spec }: KnownTable): ValueKind => {
  const classes = spec ? describeSynthetic(spec).classes : column.type === 'category' ? (column.levelCount ?? 0) : undefined
  if (classes !== undefined) return classes === 2 ? { is: 'decision' } : { is: 'class', classes }
  if (column.type === 'boolean') return { is: 'decision' }
  return column.type === 'text' ? { is: 'text' } : { is: 'number' }
}

/** Classes of a label that a loss of class indices was given for: its levels, or whole numbers from 0. */
export const classesOf = (column: StoredColumn, table: KnownTable): number | undefined => {
  const kind = labelKind(column, table)
  if (kind.is === 'class') return kind.classes
  if (kind.is === 'decision') return 2
  return column.type === 'integer' && typeof column.max === 'number' && column.max >= 0 ? column.max + 1 : undefined
}

/** Whether a column may be a feature at all. */
export const isUsable = ({ role, type, stored }: StoredColumn): boolean => role !== 'ignored' && type !== 'text' && stored !== false

/** Whether a column can tell a row from another: not all of it is missing, and not all the same. */
export const isTelling = ({ type, min, max, missing = 0, levelCount }: StoredColumn, { rows }: KnownTable): boolean => {
  if (missing >= rows) return false
  const isConstant = isCategorical(type) ? levelCount === 1 : min !== undefined && min !== null && min === max
  return !isConstant || missing > 0
}

/**
 * Whether a column numbers the rows: whole numbers, each once, that leave none out. Mean and spread of `rows` different
 * whole numbers between `min` and `max` are those of all of them.
 */
export const isNumbering = ({ type, min, max, mean, std, missing = 0 }: StoredColumn, { rows }: KnownTable): boolean => {
  if (type !== 'integer' || missing > 0 || rows < 3) return false
  if (typeof min !== 'number' || typeof max !== 'number' || typeof mean !== 'number' || typeof std !== 'number') return false
  const variance = (rows ** 2 - 1) / 12
  return max - min + 1 === rows && Math.abs(mean - (min + max) / 2) < 1e-6 * rows && Math.abs(std ** 2 - variance) < 1e-6 * variance
}

/** Inputs that a feature becomes: one for each level of a category. */
export const inputsOf = (columns: readonly StoredColumn[]): number =>
  columns.reduce((sum, { type, levelCount = 1, missing = 0 }) => sum + (type === 'category' ? levelCount : 1) + Number(missing > 0), 0)

const isCategorical = (type: ColumnType | undefined): boolean => type === 'category' || type === 'text'
