/** All levels of a column, read only if the column does not show them. */
import type { StoredColumn } from '../../api/column.schema.ts'
import type { LevelRepository } from './level.repository.ts'
import { inLevelOrder } from './level-order.ts'

/** Levels of columns in the order of their codes; undefined for a column that has none. */
export const createColumnLevels =
  (levels: Pick<LevelRepository, 'read'>) =>
  async (dataset: { id: string; columns: readonly StoredColumn[] }, position: number): Promise<readonly string[] | undefined> => {
    const column = dataset.columns[position]
    if (column?.levelCount === undefined || (column.type !== 'category' && column.type !== 'text')) return undefined
    const shown = column.levels ?? []
    return shown.length === column.levelCount ? inLevelOrder(shown.map(({ value }) => value)) : levels.read(dataset.id, position)
  }

export type ColumnLevels = ReturnType<typeof createColumnLevels>
