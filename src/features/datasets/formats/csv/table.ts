/** Tables as CSV (RFC 4180 and its dialects), streamed: a line of column names if there is one, then rows of numbers. */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import type { CsvDialect } from '../../../../api/dataset.schema.ts'
import { Problem } from '../../../../contracts/error-codes.ts'
import { present } from '../../../../numerics/must.ts'
import { isStorable } from '../../../../validation/storable-text.ts'
import { type ErrorList, pointer } from '../../../../validation/validation-errors.ts'
import { featureNames } from '../../generators/generator.ts'
import { maxColumns, type TableReader } from '../upload-format.ts'
import { type CsvHints, csvOptions, looksLikeHeader, sniffDelimiter, sniffedBytes, statedDelimiter } from './dialect.ts'

/**
 * Reads a CSV to its end; every row that is ragged and every cell that isn't a finite float32 becomes a validation error with
 * its line, which counts from 1 and includes the header. What the hints don't say is found out: a first line of numbers
 * alone is data, and the columns are x1, x2, …
 * @returns how the file is written
 * @throws Problem MALFORMED_BODY if quotes don't match
 */
export const readCsv = async (
  source: Readable,
  { onHeader, onRow }: TableReader,
  errors: ErrorList,
  hints: CsvHints = {},
): Promise<CsvDialect> => {
  const { beginning, whole } = await lookAhead(source)
  const stated = statedDelimiter(beginning)
  const dialect: CsvDialect = { delimiter: hints.delimiter ?? stated ?? sniffDelimiter(beginning), header: hints.header ?? true }
  let names: string[] | undefined
  let rows = 0

  const onRecord = (cells: string[], line: number): void => {
    if (!names) {
      dialect.header = hints.header ?? looksLikeHeader(cells)
      names = dialect.header ? readHeader(cells, errors) : nameColumns(cells, errors)
      onHeader(names)
      if (dialect.header) return
    }
    const values = readRow(cells, names, rows++, line, errors)
    if (values) onRow(values)
  }

  const parser = parse({
    ...csvOptions,
    delimiter: dialect.delimiter,
    from_line: stated === undefined ? 1 : 2,
    max_record_size: longestRecord,
    // Records are taken here and dropped, so that none waits in the stream's buffer.
    on_record: (cells: string[], { lines }) => {
      onRecord(cells, lines)
      return null
    },
  })
  parser.resume()
  await pipeline(whole, parser).catch((error: unknown) => {
    if (error instanceof CsvError) throw malformed(error)
    throw error
  })
  if (rows === 0 && errors.count() === 0) errors.add({ path: '/rows', code: 'no_rows', message: noRows(names) })
  return dialect
}

/** Characters of a row, far more than the widest table needs: a file without line ends would lie in memory whole. */
const longestRecord = 32 * 1024 * 1024

const noRows = (names: string[] | undefined): string =>
  names ? `the file has no rows below its header; ${ifFirstLineIsData}` : 'the file is empty: it has neither names nor numbers'

const ifFirstLineIsData = 'if its first line is data, say so with ?header=false'

/** The first bytes of a file, and the file with them. */
const lookAhead = async (source: Readable): Promise<{ beginning: Buffer; whole: Readable }> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    chunks.push(Buffer.from(chunk))
    bytes += chunk.length
    if (bytes >= sniffedBytes) break
  }
  const beginning = Buffer.concat(chunks)
  const whole = Readable.from(
    (async function* () {
      yield beginning
      yield* source
    })(),
    { objectMode: false },
  )
  return { beginning: beginning.subarray(0, sniffedBytes), whole }
}

const nameColumns = (cells: string[], errors: ErrorList): string[] => {
  refuseTooWide(cells, errors)
  return featureNames(cells.length)
}

const refuseTooWide = ({ length }: string[], errors: ErrorList): void => {
  if (length > maxColumns)
    errors.add({ path: '/columns', code: 'too_many_columns', message: `has ${length} columns; a table may have ${maxColumns}`, line: 1 })
}

const readHeader = (cells: string[], errors: ErrorList): string[] => {
  refuseTooWide(cells, errors)
  const advice =
    looksLikeHeader(cells) && cells.some((name) => name !== '')
      ? 'give it one, or leave the column out; with ?header=false the line is data'
      : ifFirstLineIsData
  cells.forEach((name, at) => {
    const about = { path: pointer('columns', at), line: 1 }
    if (name === '') errors.add({ ...about, code: 'empty_name', message: `column ${at + 1} has no name; ${advice}` })
    else if (!isStorable(name))
      errors.add({ ...about, code: 'text', message: `the name of column ${at + 1} is no text that can be stored` })
    else if (name.includes('\ufffd'))
      errors.add({ ...about, code: 'text', message: `the name of column ${at + 1} is not UTF-8: write the file in that encoding` })
  })
  return cells
}

const readRow = (cells: string[], names: string[], row: number, line: number, errors: ErrorList): number[] | undefined => {
  if (cells.length !== names.length) {
    const message = `line ${line} has ${cells.length} cells, but the first line has ${names.length}`
    errors.add({ path: pointer('rows', row), code: 'ragged_row', message, line })
    return undefined
  }
  const before = errors.count()
  const values = cells.map((cell, at) => readCell(cell, { column: present(names[at]), row, line, alone: cells.length === 1 }, errors))
  return errors.count() === before ? values : undefined
}

/** Where a cell is; `alone` if it is its line's only one. */
type Place = { column: string; row: number; line: number; alone: boolean }

const readCell = (cell: string, { column, row, line, alone }: Place, errors: ErrorList): number => {
  const number = Number(cell)
  if (cell !== '' && Number.isFinite(Math.fround(number)) && !notDecimal.test(cell)) return number
  const about = { path: pointer('rows', row, column), line, column, value: cell.slice(0, 200) }
  if (cell === '') errors.add({ ...about, code: 'empty_cell', message: `line ${line}: "${column}" is empty` })
  else if ((Number.isNaN(number) && !nonFinite.test(cell)) || notDecimal.test(cell))
    errors.add({
      ...about,
      code: 'not_a_number',
      message: `line ${line}: "${column}" is "${about.value}", which is not a number${hintAt(cell, alone)}`,
    })
  else errors.add({ ...about, code: 'not_finite', message: `line ${line}: "${column}" is "${about.value}", which a float32 cannot hold` })
  return 0
}

/** What a cell with a separator in it may mean. */
const hintAt = (cell: string, alone: boolean): string => {
  const separator = 'say with ?delimiter= what separates the cells'
  if (/^[-+]?\d+,\d+$/.test(cell)) return alone ? `; write a decimal point, or ${separator}` : '; write a decimal point'
  if (thousands.test(cell)) return '; write it with a decimal point, and nothing between thousands'
  return (alone ? /[^\w.+-]/ : /[,;\t|]/).test(cell) ? `; ${separator}` : ''
}

/** 1.234,5 and 1,234.5 */
const thousands = /^[-+]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:,\d{3})+\.\d+)$/

/** JavaScript would also read 0x10, 0b1 and 0o7. */
const notDecimal = /^[-+]?0[xob]/i
const nonFinite = /^[-+]?(nan|inf(inity)?)$/i

const malformed = (error: CsvError): Problem => {
  const line = typeof error.lines === 'number' ? error.lines : undefined
  const message = error.message.split('\n')[0] ?? 'the file is not a CSV'
  return new Problem('MALFORMED_BODY', 'The file is not a CSV', [{ path: '/rows', code: error.code, message, ...(line ? { line } : {}) }])
}
