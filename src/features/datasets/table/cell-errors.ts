/** Validation errors of a table's cells, one for each column and kind of error, however many cells have it. */
import type { ValidationError } from '../../../contracts/error-codes.ts'
import { maxCountedErrors, pointer } from '../../../validation/validation-errors.ts'

/** What is wrong with one cell. */
export type CellError = { column: number; code: string; is: string; value: string }

type Summary = CellError & { row: number; line: number; count: number; others: number[] }

/** Lines that a message names beside the first. */
const namedLines = 4

/** What cells are found by: the line of a text, or the row of a table that has no lines. */
export type PlaceUnit = 'line' | 'row'

/** Where a validation error is, if it is in a line. */
export const placeOf = (line: number, unit: PlaceUnit): { line?: number } => (unit === 'line' ? { line } : {})

export const createCellErrors = (names: readonly string[], unit: PlaceUnit) => {
  const summaries = new Map<string, Summary>()

  /** `row` counts from 0, `line` from 1. */
  const add = (error: CellError, row: number, line: number): void => {
    const key = `${error.column} ${error.code}`
    const known = summaries.get(key)
    if (known) {
      known.count++
      if (known.others.length < namedLines) known.others.push(line)
    } else if (summaries.size < maxCountedErrors) summaries.set(key, { ...error, row, line, count: 1, others: [] })
  }

  /** The errors of the columns that count. */
  const toErrors = (counts: (column: number) => boolean): ValidationError[] =>
    [...summaries.values()].filter(({ column }) => counts(column)).map((summary) => toError(summary, names, unit))

  /** True if a column has an error of this kind. */
  const has = (column: number, code: string): boolean => summaries.has(`${column} ${code}`)

  return { add, toErrors, has, isEmpty: () => summaries.size === 0 }
}

export type CellErrors = ReturnType<typeof createCellErrors>

/** What is wrong with a cell, in words. */
export const describeCell = ({ column, is, value }: CellError, names: readonly string[], line: number, unit: PlaceUnit): string =>
  `${unit} ${line}: "${names[column]}" is "${value}", ${is}`

const toError = (summary: Summary, names: readonly string[], unit: PlaceUnit): ValidationError => {
  const { column, code, value, row, line, count, others } = summary
  const name = names[column] ?? ''
  const listed = others.join(', ') + (count - 1 > others.length ? ', …' : '')
  const more = count === 1 ? '' : `; so are ${count - 1} others of the column, in ${unit} ${listed}`
  const message = describeCell(summary, names, line, unit) + more
  return { path: pointer('rows', row, name), code, message, ...placeOf(line, unit), column: name, value }
}
