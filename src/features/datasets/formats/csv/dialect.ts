/** How a CSV is written: what separates its cells, its decimal mark, and whether its first line has the names. Found by looking at its beginning. */
import type { DialectOptions } from '../../../../api/upload-options.schema.ts'
import type { FileHints } from '../../table/piece-reader.ts'
import type { Syntax } from './cell-scanner.ts'
import { CsvSyntaxError } from './syntax-error.ts'
import { createTokenizer } from './tokenizer.ts'

/** What is known of a file's dialect before it is read; the rest is found out. */
export type CsvHints = DialectOptions

/** What is said of a file, also by its media type: `text/csv; header=absent; charset=iso-8859-1` (RFC 4180). */
export const hintsOf = ({ contentType, ...said }: FileHints): CsvHints => {
  const { delimiter, header = headerOf(contentType), ...others } = said
  return {
    ...others,
    ...(delimiter === undefined ? {} : { delimiter: delimiter === 'tab' ? '\t' : delimiter }),
    ...(header === undefined ? {} : { header }),
  }
}

/** Bytes of a file that are looked at. */
export const sniffedBytes = 64 * 1024
const sniffedRecords = 20
const delimiters = [',', ';', '\t', '|']

/**
 * What separates the cells of a file that begins like this: the candidate by which all lines have equally many cells, then the
 * one by which most cells are numbers, then the one with the most cells. Spaces if none of them occurs and there are numbers on
 * both sides of each; else a comma.
 */
export const sniffDelimiter = (beginning: Buffer, quote: string): string => {
  const scores = delimiters.map((delimiter) => ({ delimiter, ...score(firstRecords(beginning, { delimiter, quote })) }))
  const [best] = scores.filter(({ width }) => width > 1).sort((a, b) => b.even - a.even || b.numeric - a.numeric || b.width - a.width)
  if (best) return best.delimiter
  const spaced = score(firstRecords(beginning, { delimiter: ' ', quote }))
  return spaced.width > 1 && spaced.even === 1 && spaced.numeric === 1 ? ' ' : ','
}

/**
 * The decimal mark: a comma if it does not separate the cells, or cells are quoted around it, and there are numbers that make sense
 * with it alone.
 */
export const sniffDecimal = (beginning: Buffer, delimiter: string, quote: string): '.' | ',' => {
  const cells = firstRecords(beginning, { delimiter, quote }).flat()
  const withComma = cells.filter((cell) => /^[-+]?\d*,\d+(e[-+]?\d+)?$|^[-+]?\d{1,3}(\.\d{3})+,\d+$/i.test(cell))
  const withPoint = cells.some(
    (cell) => /^[-+]?\d*\.\d+(e[-+]?\d+)?$|^[-+]?\d{1,3}(,\d{3})+\.\d+$/i.test(cell) && !/^[-+]?\d{1,3}(\.\d{3})+$/.test(cell),
  )
  if (withComma.length === 0 || withPoint) return '.'
  // Of cells that a comma separates, quoted ones are more often thousands.
  return delimiter === ',' && withComma.every((cell) => /^[-+]?\d{1,3}(,\d{3})+$/.test(cell)) ? '.' : ','
}

/** True if a first line has names: if it has a cell that is neither a number nor says that one is missing, or no number at all. */
export const looksLikeHeader = (cells: readonly string[]): boolean =>
  cells.some((cell) => !isMissing(cell) && !isNumeric(cell)) || !cells.some(isNumeric)

/**
 * What a first line `sep=;` says, with which spreadsheets name the separator of what follows; undefined if there is none.
 * It counts as a line, but is neither names nor data.
 */
export const statedDelimiter = (beginning: Buffer): string | undefined =>
  /^("?)sep=([^\w"\r\n.+-])\1[\r\n]/i.exec(beginning.subarray(0, longestStatement).toString())?.[2]

/** Bytes that such a line has at most. */
const longestStatement = 32

/** The first records of a file; none if it is no CSV of this kind. */
export const firstRecords = (beginning: Buffer, syntax: Pick<Syntax, 'delimiter' | 'quote'>): string[][] => {
  const records: string[][] = []
  let cells: string[] = []
  const tokenizer = createTokenizer(
    { ...syntax, decimal: '.', relaxed: true },
    {
      kinds: new Uint8Array(),
      row: new Float64Array(),
      cell: (_column, bytes, start, end) => void cells.push(Buffer.from(bytes.subarray(start, end)).toString()),
      endRow: () => {
        records.push(cells)
        cells = []
        if (records.length === sniffedRecords) throw new EnoughError()
      },
    },
  )
  try {
    tokenizer.write(beginning)
    // Of a longer file the last record is not whole, and does not count unless it is the only one.
    if (beginning.length < sniffedBytes || records.length === 0) tokenizer.end()
  } catch (error) {
    if (error instanceof CsvSyntaxError) return []
    if (!(error instanceof EnoughError)) throw error
  }
  return records
}

/** Ends the reading of a beginning. */
class EnoughError extends Error {}

const score = (records: readonly string[][]): { width: number; even: number; numeric: number } => {
  const [first = [], ...others] = records
  const cells = (others.length > 0 ? others : [first]).flat()
  return {
    width: first.length,
    even: Number(records.every((record) => record.length === first.length)),
    numeric: cells.filter(isNumeric).length / Math.max(1, cells.length),
  }
}

/** Also a number with a decimal comma, which is no name of a column. */
const isNumeric = (cell: string): boolean => /^[-+]?((\d+[.,]?\d*|[.,]\d+)(e[-+]?\d+)?|nan|inf(inity)?)$/i.test(cell)

/** How others write that a number is missing: no name either. */
const isMissing = (cell: string): boolean => /^(|\?|[-.]|na|n\/a|#n\/a|null|none|missing)$/i.test(cell)

const headerOf = (contentType = ''): boolean | undefined => {
  const [, said] = /;\s*header\s*=\s*"?(present|absent)\b/i.exec(contentType) ?? []
  return said === undefined ? undefined : said.toLowerCase() === 'present'
}
