/** How a CSV is written: what separates its cells, and whether its first line has the names. Found by looking at its beginning. */
import { parse } from 'csv-parse/sync'
import type { FileHints } from '../upload-format.ts'

/** What is known of a file's dialect before it is read; the rest is found out. */
export type CsvHints = { delimiter?: string; header?: boolean }

/** What is said of a file, also by its media type: `text/csv; header=absent` (RFC 4180). */
export const hintsOf = ({ delimiter, contentType, header = headerOf(contentType) }: FileHints): CsvHints => ({
  ...(delimiter === undefined ? {} : { delimiter: delimiter === 'tab' ? '\t' : delimiter }),
  ...(header === undefined ? {} : { header }),
})

/** Bytes of a file that are looked at. */
export const sniffedBytes = 64 * 1024
const sniffedRecords = 20
const delimiters = [',', ';', '\t', '|']

/** Options of the parser that every dialect shares. */
export const csvOptions = { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true } as const

/**
 * What separates the cells of a file that begins like this: the candidate by which all lines have equally many cells, then the
 * one by which most cells are numbers, then the one with the most cells. A comma if none of them occurs.
 */
export const sniffDelimiter = (beginning: Buffer): string => {
  const scores = delimiters.map((delimiter) => ({ delimiter, ...score(firstRecords(beginning, delimiter)) }))
  const [best] = scores.filter(({ width }) => width > 1).sort((a, b) => b.even - a.even || b.numeric - a.numeric || b.width - a.width)
  return best?.delimiter ?? ','
}

/** True if a first line has names: if it has a cell that is neither a number nor says that one is missing, or no number at all. */
export const looksLikeHeader = (cells: readonly string[]): boolean =>
  cells.some((cell) => !isMissing(cell) && !isNumeric(cell)) || !cells.some(isNumeric)

/**
 * What a first line `sep=;` says, with which spreadsheets name the separator of what follows; undefined if there is none.
 * It counts as a line, but is neither names nor data.
 */
export const statedDelimiter = (beginning: Buffer): string | undefined => {
  const isWide = beginning[0] === 0xff && beginning[1] === 0xfe
  const text = beginning.subarray(0, longestStatement).toString(isWide ? 'utf16le' : 'utf8')
  return /^\ufeff?("?)sep=([^\w"\r\n.+-])\1[\r\n]/i.exec(text)?.[2]
}

/** Bytes that such a line has at most. */
const longestStatement = 32

const firstRecords = (beginning: Buffer, delimiter: string): string[][] => {
  const wholeLines = beginning.length < sniffedBytes ? beginning : beginning.subarray(0, beginning.lastIndexOf('\n') + 1)
  // Of a first line that is longer than what is looked at, the end is missing, and so may be a quote.
  const texts = wholeLines.length > 0 ? [wholeLines] : [beginning, Buffer.concat([beginning, Buffer.from('"')])]
  for (const text of texts) {
    try {
      return parse(text, { ...csvOptions, delimiter, relax_quotes: true, to: sniffedRecords })
    } catch {
      // Quotes that don't fit: with this delimiter it is no CSV.
    }
  }
  return []
}

const score = (records: readonly string[][]): { width: number; even: number; numeric: number } => {
  const [first = [], ...others] = records
  const cells = (others.length > 0 ? others : [first]).flat()
  return {
    width: first.length,
    even: Number(records.every((record) => record.length === first.length)),
    numeric: cells.filter(isNumeric).length / Math.max(1, cells.length),
  }
}

/** Also what is refused later: a number with a decimal comma is no name of a column. */
const isNumeric = (cell: string): boolean => /^[-+]?((\d+[.,]?\d*|[.,]\d+)(e[-+]?\d+)?|nan|inf(inity)?)$/i.test(cell)

/** How others write that a number is missing: no name either. */
const isMissing = (cell: string): boolean => /^(|\?|[-.]|na|n\/a|#n\/a|null|none|missing)$/i.test(cell)

const headerOf = (contentType = ''): boolean | undefined => {
  const [, said] = /;\s*header\s*=\s*"?(present|absent)\b/i.exec(contentType) ?? []
  return said === undefined ? undefined : said.toLowerCase() === 'present'
}
