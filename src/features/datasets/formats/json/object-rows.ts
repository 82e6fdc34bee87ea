/** Rows that are objects, their cells by the names of their columns, told to a table builder. */
import { Problem } from '../../../../contracts/error-codes.ts'
import { isStorable } from '../../../../validation/storable-text.ts'
import { type ErrorList, pointer, shown } from '../../../../validation/validation-errors.ts'
import type { TableBuilder } from '../../table/builder.ts'
import { type PlaceUnit, placeOf } from '../../table/cell-errors.ts'
import type { ReaderContext } from '../../table/piece-reader.ts'
import type { CellValue } from '../../table/typed-cells.ts'
import { maxColumns } from '../upload-format.ts'

/** Rows that are held back, and cells of them, so that names which come a little late make nobody read twice. */
const heldRows = 1000
const heldCells = 100_000
/** What rows and columns may come to: beyond `free` cells no more than `ratio` times those that the rows have. */
const sparse = { free: 32 * 1024 * 1024, ratio: 20 }
/** Columns whose cells that are none are told of. */
const maxSummaries = 100

type Row = Record<string, unknown>
/** `at` counts from 0, `line` is where it began. */
type PlacedRow = { row: Row; at: number; line: number }

/**
 * Takes rows in their order, `line` being where each began. `lateNames`, once the last has come: every name if some came after the table
 * had begun without them, so that it has to be read again.
 */
export const createObjectRows = ({ names: known, hints, start, errors }: ReaderContext, unit: PlaceUnit = 'line') => {
  const names: string[] = [...(known ?? [])]
  const places = new Map(names.map((name, at) => [name, at]))
  const nested = createNestedCells(unit)
  let held: PlacedRow[] = []
  let heldCount = 0
  let builder: TableBuilder | undefined
  let seen = 0
  let present = 0

  const begin = (): TableBuilder => {
    checkNames(names, errors)
    const table = start({ names: [...names], unit })
    builder = table
    for (const row of held) tell(table, row)
    held = []
    return table
  }

  const learn = (row: Row): number => {
    const keys = Object.keys(row)
    for (const name of keys)
      if (!places.has(name) && names.length <= maxColumns) {
        places.set(name, names.length)
        names.push(name)
      }
    if (names.length > maxColumns && errors.count() === 0)
      errors.add({ path: '/columns', code: 'too_many_columns', message: `there are more than ${maxColumns} columns, which is the most` })
    return keys.length
  }

  const add = (row: unknown, line: number): void => {
    const at = seen++
    if (!isRow(row)) {
      refuseRow(row, at, line)
      return
    }
    const cells = learn(row)
    present += cells
    if (seen * names.length > sparse.free && seen * names.length > sparse.ratio * present) throw tooSparse(seen, names.length, present)
    if (builder) tell(builder, { row, at, line })
    else {
      held.push({ row, at, line })
      heldCount += cells
      if (known || held.length >= heldRows || heldCount >= heldCells) begin()
    }
  }

  const tell = (table: TableBuilder, { row, at, line }: PlacedRow): void => {
    table.row.fill(Number.NaN)
    let wrong: string | undefined
    for (const name of Object.keys(row)) {
      const place = places.get(name) ?? table.width
      // Of a column that came too late the next reading knows.
      if (place >= table.width) continue
      const value = row[name]
      if (typeof value === 'object' && value !== null) wrong ??= name
      else table.value(place, value as CellValue)
    }
    if (wrong === undefined) table.endRow(line)
    else {
      table.badRow(line, `${unit} ${line}: "${wrong}" is ${kindOf(row[wrong])}`)
      if (!table.areBadRowsAllowed) nested.add({ row, at, line })
    }
  }

  const refuseRow = (row: unknown, at: number, line: number): void => {
    const message = `${unit} ${line} must be an object, a value by column`
    if (hints.badRows) (builder ?? begin()).badRow(line, message)
    else errors.add({ path: pointer('rows', at), code: 'type', message, ...placeOf(line, unit), ...shown(row) })
  }

  /** A row that cannot be read. */
  const bad = (line: number, message: string): void => {
    seen++
    const table = builder ?? begin()
    table.badRow(line, message)
  }

  const end = (): void => {
    if (!builder && seen > 0) begin()
    nested.tell(errors)
    if (errors.count() > 0) return
    if (seen === 0) errors.add({ path: '/rows', code: 'no_rows', message: 'must hold at least one row' })
    else if (names.length === 0) errors.add({ path: '/rows/0', code: 'no_columns', message: 'must have at least one column' })
  }

  return {
    add,
    bad,
    end,
    areBadRowsAllowed: hints.badRows !== undefined,
    lateNames: () => (builder && names.length > builder.width ? names : undefined),
  }
}

const checkNames = (names: readonly string[], errors: ErrorList): void => {
  for (const [at, name] of names.entries()) {
    const about = { path: pointer('columns', at), column: name }
    if (name === '') errors.add({ ...about, code: 'empty_name', message: `column ${at + 1} has an empty name` })
    else if (!isStorable(name))
      errors.add({ ...about, code: 'text', message: `the name of column ${at + 1} is no text that can be stored` })
  }
}

/** Cells that are lists or objects, told once a column. */
const createNestedCells = (unit: PlaceUnit) => {
  const summaries = new Map<string, { path: string; line: number; count: number; is: string }>()

  const add = ({ row, at, line }: PlacedRow): void => {
    for (const [column, value] of Object.entries(row)) {
      if (typeof value !== 'object' || value === null) continue
      const before = summaries.get(column)
      if (before) before.count++
      else if (summaries.size < maxSummaries)
        summaries.set(column, { path: pointer('rows', at, column), line, count: 1, is: kindOf(value) })
    }
  }

  const tell = (errors: ErrorList): void => {
    for (const [column, { path, line, count, is }] of summaries) {
      const more = count === 1 ? '' : count === 2 ? '; so is 1 other of the column' : `; so are ${count - 1} others of the column`
      const message = `${unit} ${line}: "${column}" is ${is}, which is no cell: make columns of what it holds${more}`
      errors.add({ path, code: 'nested', message, ...placeOf(line, unit), column })
    }
  }
  return { add, tell }
}

const tooSparse = (rows: number, columns: number, present: number): Problem => {
  const message = `comes to ${rows} rows of ${columns} columns, of which only ${present} cells are there: at least one in ${sparse.ratio} must be`
  return new Problem('BODY_TOO_LARGE', `The table ${message}`, [{ path: '/rows', code: 'too_sparse', message }])
}

const isRow = (row: unknown): row is Row => typeof row === 'object' && row !== null && !Array.isArray(row)

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'an array' : 'an object')
