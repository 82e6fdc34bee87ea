/** What a table is, once all of its cells have been read: its columns, what was found out about them, and what is wrong. */
import type { ColumnRole, StoredColumn } from '../../../api/column.schema.ts'
import type { BadRows, DatasetNote } from '../../../api/dataset.schema.ts'
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import { maxNotes } from '../../../contracts/table-limits.ts'
import { present } from '../../../numerics/must.ts'
import { columnRoles } from '../column-roles.ts'
import type { ReadCells } from './builder.ts'
import { type DescribedColumn, describeColumn } from './describe-column.ts'
import type { Finish } from './packing.ts'

/** A finished table but for its chunks and their hash. `levels` by column: of texts all levels, in the order of their codes. */
export type TableDescription = {
  columns: StoredColumn[]
  rows: number
  notes: DatasetNote[]
  badRows: BadRows | null
  levels: Map<number, string[]>
  finish: Finish
  errors: ValidationError[]
}

/** `unnamed` is the position of a column without a name, which is only right if it numbers the rows. */
export const describeTable = (
  cells: ReadCells,
  options: UploadOptions,
  { unnamed, notes: first = [] }: { unnamed?: number; notes?: DatasetNote[] } = {},
): TableDescription => {
  const { names, rows, badRows, errors } = cells
  const described = names.map((_, column) => describeColumn(cells, column))
  const isIndex = (column: number): boolean => column === unnamed && present(described[column]).isUnique
  const roles = columnRoles(names, options).map((role, column) => role ?? ignoredRole(cells, column, isIndex(column)))
  const notes = [...first, ...described.flatMap(({ notes }, column) => notesOf(names[column] ?? '', notes, isIndex(column)))]
  return {
    columns: described.map(({ column }, at) => ({ name: names[at] ?? '', role: roles[at] ?? null, ...column })),
    rows,
    notes:
      notes.length > maxNotes ? [...notes.slice(0, maxNotes), { column: null, message: `${notes.length - maxNotes} other notes` }] : notes,
    badRows: badRows.badRows,
    levels: new Map(
      described.flatMap(({ ordered }, column) => (ordered ? [[column, ordered.levels.map(({ text }) => text)] as const] : [])),
    ),
    finish: finishOf(described),
    errors: [
      ...(unnamed !== undefined && !isIndex(unnamed) ? [unnamedError(unnamed)] : []),
      ...(badRows.error ? [badRows.error] : []),
      ...errors,
    ],
  }
}

const ignoredRole = ({ declared }: ReadCells, column: number, isIndex: boolean): ColumnRole | null =>
  declared[column] === 'ignore' || isIndex ? 'ignored' : null

const notesOf = (column: string, notes: readonly string[], isIndex: boolean): DatasetNote[] =>
  isIndex
    ? [{ column, message: 'had no name and tells the rows apart: it was named so, and is left out of training' }]
    : notes.map((message) => ({ column, message }))

const unnamedError = (column: number): ValidationError => ({
  path: `/columns/${column}`,
  code: 'empty_name',
  message: `column ${column + 1} has no name, and its values do not tell the rows apart; give it one, or leave the column out; with ?header=false the line is data`,
  line: 1,
})

const finishOf = (described: readonly DescribedColumn[]): Finish => ({
  width: described.length,
  codes: described.map(({ ordered }) => ordered?.codes),
  wide: described.flatMap(({ column }, at) => (column.wide ? [at] : [])),
})
