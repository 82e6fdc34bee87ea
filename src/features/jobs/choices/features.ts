/** Which columns a job trains on if neither its request nor the upload said it. */
import type { StoredColumn } from '../../../api/column.schema.ts'
import { isNumbering, isTelling, isUsable, type KnownTable } from './known-table.ts'
import { mostLevels } from './rules.ts'

/**
 * All columns but the labels, text, those that were told to be left out, those that are the same in every row or number
 * the rows, and categories of so many levels that few rows have each. If none would be left, those that could be used.
 */
export const chooseFeatures = (table: KnownTable, labels: readonly StoredColumn[]): StoredColumn[] => {
  const taken = new Set(labels)
  const usable = table.columns.filter((column) => !taken.has(column) && isUsable(column))
  const telling = usable.filter((column) => isTelling(column, table) && !isNumbering(column, table) && hasFewLevels(column, table))
  return telling.length > 0 ? telling : usable
}

const hasFewLevels = ({ type, levelCount = 0 }: StoredColumn, { rows }: KnownTable): boolean =>
  type !== 'category' || levelCount <= mostLevels(rows)
