/** What the first line of a CSV is: names, data, or what some tools write in their place. */
import type { DatasetNote } from '../../../../api/dataset.schema.ts'
import { featureNames } from '../../generators/generator.ts'
import { looksLikeHeader } from './dialect.ts'

/** `unnamed` is the column whose name is ours since it has none; `classes` are what the whole numbers of the last column stand for. */
export type FirstLine = { kind: 'names' | 'data' | 'counts'; names: string[]; notes: DatasetNote[]; unnamed?: number; classes?: string[] }

/** Reads a first line, knowing the first records of the file, itself included, and what was said of it. */
export const readFirstLine = (
  cells: readonly string[],
  records: readonly (readonly string[])[],
  { said, delimiter }: { said: boolean | undefined; delimiter: string },
): FirstLine => {
  if (said === undefined && areCounts(cells, records)) return readCounts(cells)
  if (!(said ?? looksLikeHeader(cells))) return { kind: 'data', names: featureNames(cells.length), notes: [] }
  if (cells[0] === '' && cells.length > 1) return { kind: 'names', ...named(cells.slice(1)) }
  // R's write.table gives row names no name at all.
  const isShort = records.length > 1 && records.slice(1).every(({ length }) => length === cells.length + 1)
  if (isShort && (delimiter === ' ' || delimiter === '\t')) return { kind: 'names', ...named(cells) }
  return { kind: 'names', names: [...cells], notes: [] }
}

/** Names behind a first column that has none. */
const named = (others: readonly string[]): { names: string[]; notes: DatasetNote[]; unnamed: number } => {
  let name = 'index'
  for (let at = 2; others.includes(name); at++) name = `index_${at}`
  return { names: [name, ...others], notes: [], unnamed: 0 }
}

/** scikit-learn's tables begin with how many rows and features there are, and with the names of the classes. */
const areCounts = ([rows = '', features = '', ...classes]: readonly string[], [, second]: readonly (readonly string[])[]): boolean =>
  /^\d+$/.test(rows) &&
  /^\d+$/.test(features) &&
  second?.length === Number(features) + 1 &&
  classes.length > 0 &&
  looksLikeHeader(classes) &&
  !looksLikeHeader(second)

const readCounts = ([rows, features = '', ...classes]: readonly string[]): FirstLine => ({
  kind: 'counts',
  names: [...featureNames(Number(features)), 'target'],
  classes: [...classes],
  notes: [
    {
      column: 'target',
      message: `the first line says ${rows} rows, ${features} features and classes, as scikit-learn writes it: the columns were named x1, x2, … and target, which has the classes by name`,
    },
  ],
})
