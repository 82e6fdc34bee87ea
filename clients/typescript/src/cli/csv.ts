/** Tables as CSV, from and to rows of cells. */
import Papa from 'papaparse'
import type { Cell, Dataset, Row } from '../types.ts'

/**
 * The rows of a CSV file with a header. Columns of numbers are read as such, where a table says which those are; an empty cell is a missing one.
 * @throws TypeError naming the line of what cannot be read
 */
export const readCsv = (content: string, name: string, columns: Dataset['columns'] | undefined): Row[] => {
  const { data, errors } = Papa.parse<Record<string, string>>(content, { header: true, skipEmptyLines: true })
  const [error] = errors.filter(({ code }) => code !== 'UndetectableDelimiter')
  if (error) throw new TypeError(`${name} is no CSV: ${error.message}${error.row === undefined ? '' : `, row ${error.row + 1}`}`)
  const types = new Map(columns?.map(({ name, type }) => [name, type]))
  const cellOf = (column: string, text: string): Cell => {
    if (text.trim() === '') return null
    const type = types.get(column)
    const isNumber = type === undefined ? columns === undefined : type === 'number' || type === 'integer'
    const value = Number(text)
    return isNumber && Number.isFinite(value) ? value : text
  }
  return data.map((row) => Object.fromEntries(Object.entries(row).map(([column, text]) => [column, cellOf(column, text)])))
}

/** Lines of CSV, without an end to the last. */
export const toCsv = (rows: readonly (readonly unknown[])[]): string => Papa.unparse(rows as unknown[][], { newline: '\n' })
