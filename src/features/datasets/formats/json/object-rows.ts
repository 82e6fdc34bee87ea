/** Rows that are objects, their cells by the names of their columns, told to a table builder. */
import { isStorable } from '../../../../validation/storable-text.ts'
import { pointer, shown } from '../../../../validation/validation-errors.ts'
import type { TableBuilder } from '../../table/builder.ts'
import type { CellValue } from '../../table/typed-cells.ts'
import { type PlaceUnit, placeOf } from '../../table/cell-errors.ts'
import type { ReaderContext } from '../../table/piece-reader.ts'
import { maxColumns } from '../upload-format.ts'

/** Rows that are held back, and cells of them, so that names which come a little late make nobody read twice. */
const heldRows = 1000
const heldCells = 100_000
/** Names of one column that errors are kept for. */
const mostSummaries = 100

type Row = Record<string, unknown>
type Late = { column: string; path: string; line: number; count: number; value: unknown }

/**
 * Takes rows in their order, `line` being where each began. `lateNames`, once the last has come: every name if some came after the table
 * had begun without them, so that it has to be read again.
 */
export const createObjectRows = ({ names: known, hints, start, errors }: ReaderContext, unit: PlaceUnit = 'line') => {
  const names: string[] = [...(known ?? [])]
  const places = new Map(names.map((name, at) => [name, at]))
  let held: { row: Row; line: number }[] | undefined = known ? undefined : []
  let cells = 0
  let builder: TableBuilder | undefined
  let width = 0
  let count = 0
  const nested = new Map<string, Late>()

  const begin = (): TableBuilder => {
    width = names.length
    checkNames()
    builder = start({ names: [...names], unit })
    const waiting = held ?? []
    held = undefined
    for (const { row, line } of waiting) tell(builder, row, line)
    return builder
  }

  const checkNames = (): void => {
    names.forEach((name, at) => {
      const about = { path: pointer('columns', at), column: name }
      if (name === '') errors.add({ ...about, code: 'empty_name', message: `column ${at + 1} has an empty name` })
      else if (!isStorable(name))
        errors.add({ ...about, code: 'text', message: `the name of column ${at + 1} is no text that can be stored` })
    })
  }

  const learn = (row: Row): void => {
    for (const name of Object.keys(row))
      if (!places.has(name) && names.length <= maxColumns) {
        places.set(name, names.length)
        names.push(name)
      }
    if (names.length > maxColumns && errors.count() === 0)
      errors.add({ path: '/columns', code: 'too_many_columns', message: `there are more than ${maxColumns} columns, which is the most` })
  }

  const add = (row: unknown, line: number): void => {
    if (!isRow(row)) return refuseRow(row, line)
    learn(row)
    if (!held) return tell(builder ?? begin(), row, line)
    held.push({ row, line })
    cells += Object.keys(row).length
    if (held.length >= heldRows || cells >= heldCells) begin()
  }

  const tell = (table: TableBuilder, row: Row, line: number): void => {
    table.row.fill(Number.NaN)
    let wrong: string | undefined
    for (const name of Object.keys(row)) {
      const place = places.get(name) ?? width
      // Of a column that came too late the next reading knows.
      if (place >= width) continue
      const value = row[name]
      if (typeof value === 'object' && value !== null) wrong ??= name
      else table.value(place, value as CellValue)
    }
    if (wrong === undefined) table.endRow(line)
    else {
      table.badRow(line, `${unit} ${line}: "${wrong}" is ${kindOf(row[wrong])}`)
      if (!table.areBadRowsAllowed) refuseNested(row, line)
    }
    count++
  }

  const refuseNested = (row: Row, line: number): void => {
    for (const [column, value] of Object.entries(row)) {
      if (typeof value !== 'object' || value === null) continue
      const before = nested.get(column)
      if (before) before.count++
      else if (nested.size < mostSummaries) nested.set(column, { column, path: pointer('rows', count, column), line, count: 1, value })
    }
  }

  const refuseRow = (row: unknown, line: number): void => {
    const message = `${unit} ${line} must be an object, a value by column`
    if (hints.badRows) bad(line, message)
    else errors.add({ path: pointer('rows', count++), code: 'type', message, ...placeOf(line, unit), ...shown(row) })
  }

  /** A row that cannot be read. */
  const bad = (line: number, message: string): void => {
    ;(builder ?? begin()).badRow(line, message)
    count++
  }

  const end = (): void => {
    if (held && (held.length > 0 || count > 0)) begin()
    for (const { column, path, line, count, value } of nested.values()) {
      const more = count === 1 ? '' : `; so are ${count - 1} others of the column`
      errors.add({
        path,
        code: 'nested',
        message: `${unit} ${line}: "${column}" is ${kindOf(value)}, which is no cell: make columns of what it holds${more}`,
        ...placeOf(line, unit),
        column,
      })
    }
    if (errors.count() > 0) return
    if (count === 0) errors.add({ path: '/rows', code: 'no_rows', message: 'there are no rows' })
    else if (names.length === 0) errors.add({ path: '/columns', code: 'no_columns', message: 'no row has a column' })
  }

  return {
    add,
    bad,
    end,
    areBadRowsAllowed: hints.badRows !== undefined,
    lateNames: () => (builder && names.length > width ? names : undefined),
  }
}

const isRow = (row: unknown): row is Row => typeof row === 'object' && row !== null && !Array.isArray(row)

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'an array' : 'an object')
