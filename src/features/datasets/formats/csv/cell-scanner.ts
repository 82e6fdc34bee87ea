/** One cell of a CSV after the other, as far as the bytes go that are there. */
import { kinds } from '../../table/kinds.ts'
import { cr, findClosingQuote, lf, readPlainNumber, space, tab, unescapeQuotes } from './scan-bytes.ts'
import { CsvSyntaxError } from './syntax-error.ts'

/**
 * Takes the cells. Of a column whose kind is `number` a cell that is a plain number is written to `row`, all others are told by
 * `cell`, without the quotes and spaces around them. `endRow` gets how many there were; it may say that another one takes the next row.
 */
export type CellSink = {
  kinds: Uint8Array
  row: Float64Array
  cell: (column: number, bytes: Uint8Array, start: number, end: number) => void
  endRow: (line: number, cells: number) => void
}

/** How a file is written. `quote` is empty if nothing is quoted. `relaxed`: takes quotes where none belong as they are. */
export type Syntax = { delimiter: string; quote: string; decimal: '.' | ','; relaxed?: boolean }

/** Where a reading stands. `rowStart` is where the row begins in what is scanned: before it, if it began in an earlier piece. */
type ScannerState = { sink: CellSink; column: number; line: number; lineOfRow: number; rowStart: number; skipLf: boolean }

/** What a scan gives instead of a place: the cell is not whole, or is none with quotes. */
const notWhole = -1
const notQuoted = -2

export const createCellScanner = (syntax: Syntax, first: CellSink) => {
  const delimiters = Buffer.from(syntax.delimiter)
  const delimiter = delimiters[0] ?? 0x2c
  const isLong = delimiters.length > 1
  const isSpaced = delimiter === space
  const quote = syntax.quote === '' ? -1 : syntax.quote.charCodeAt(0)
  // A mark that separates cells is none in a cell without quotes.
  const decimal = syntax.decimal === syntax.delimiter ? -1 : syntax.decimal.charCodeAt(0)
  const state: ScannerState = { sink: first, column: 0, line: 1, lineOfRow: 1, rowStart: 0, skipLf: false }

  const isSpace = (byte: number | undefined): boolean =>
    byte === space || (byte === tab && delimiter !== tab) || byte === 0x0b || byte === 0x0c
  const isLineEnd = (byte: number | undefined): boolean => byte === lf || byte === cr
  const isDelimiter = (bytes: Uint8Array, at: number): boolean =>
    bytes[at] === delimiter && (!isLong || delimiters.every((byte, index) => bytes[at + index] === byte))

  const fail = (code: string, message: string): never => {
    throw new CsvSyntaxError(code, message, state.line)
  }

  /** The cells of these bytes that are whole; gives where the first one starts that is not. At the end of a file all are. */
  const scan = (bytes: Uint8Array, isEnd: boolean): number => {
    const to = bytes.length
    let at = passLf(bytes)
    while (at < to) {
      if (state.column === 0) state.lineOfRow = state.line
      const next = scanCell(bytes, at, to, isEnd)
      if (next < 0) return at
      at = next
      if (state.column === 0) state.rowStart = at
    }
    return at
  }

  /** The start of a piece, behind an LF that belongs to the CR which ended the one before. */
  const passLf = (bytes: Uint8Array): number => {
    const isRest = state.skipLf && bytes[0] === lf
    if (bytes.length > 0) state.skipLf = false
    return isRest ? 1 : 0
  }

  const scanCell = (bytes: Uint8Array, at: number, to: number, isEnd: boolean): number => {
    if (state.sink.kinds[state.column] === kinds.number && !isLong) {
      const next = scanNumber(bytes, at, to)
      if (next >= 0) return next
    }
    const start = passSpaces(bytes, at, to)
    if (start === to && !isEnd) return notWhole
    const next = start < to && bytes[start] === quote ? scanQuoted(bytes, start, to, isEnd) : notQuoted
    return next === notQuoted ? scanPlain(bytes, start, to, isEnd) : next
  }

  const passSpaces = (bytes: Uint8Array, from: number, to: number): number => {
    let at = from
    while (at < to && isSpace(bytes[at])) at++
    return at
  }

  /** A cell that is a plain number and nothing else. */
  const scanNumber = (bytes: Uint8Array, at: number, to: number): number => {
    const end = readPlainNumber(bytes, at, to, { decimal, row: state.sink.row, column: state.column })
    if (end < 0 || end >= to) return notWhole
    const byte = bytes[end]
    if (byte !== delimiter && byte !== lf && byte !== cr) return notWhole
    state.column++
    return byte === delimiter ? end + 1 : endLine(bytes, end, to)
  }

  /** Where a cell without quotes ends. */
  const findEnd = (bytes: Uint8Array, start: number, to: number): number => {
    let end = start
    while (end < to && !isLineEnd(bytes[end]) && !isDelimiter(bytes, end)) {
      if (bytes[end] === quote && !syntax.relaxed) quoteInside()
      end++
    }
    return end
  }

  /** A cell without quotes, and the line's end if it is its last; gives the place behind it. */
  const scanPlain = (bytes: Uint8Array, start: number, to: number, isEnd: boolean): number => {
    const end = findEnd(bytes, start, to)
    if (end === to && !isEnd) return notWhole
    let last = end
    while (last > start && isSpace(bytes[last - 1])) last--
    const isNothing = last === start && (end === to || isLineEnd(bytes[end]))
    // A line with nothing in it is no row; and behind spaces that separate cells a line's end is no cell.
    if (!isNothing || (state.column > 0 && !isSpaced)) state.sink.cell(state.column++, bytes, start, last)
    return behind(bytes, end, to)
  }

  /** A cell in quotes; `notQuoted` if quotes are no matter here. */
  const scanQuoted = (bytes: Uint8Array, open: number, to: number, isEnd: boolean): number => {
    const found = findClosingQuote(bytes, open, to, { quote, isEnd })
    if (!found) return isEnd ? notClosed() : notWhole
    const { end, doubled, lines } = found
    const after = placeBehind(bytes, end, to)
    if (!isEnd && !canTell(bytes, end, to)) return notWhole
    if (after < to && !isLineEnd(bytes[after]) && !isDelimiter(bytes, after)) return notAtEnd(bytes[after] ?? 0)
    tellQuoted(bytes, open + 1, end, doubled > 0)
    state.line += lines
    return behind(bytes, after, to)
  }

  /** The place behind a closing quote and the spaces there, but for one that separates cells. */
  const placeBehind = (bytes: Uint8Array, end: number, to: number): number => {
    const passed = passSpaces(bytes, end + 1, to)
    return isSpaced && passed > end + 1 ? passed - 1 : passed
  }

  /** True if enough bytes have come to see what stands behind a closing quote. */
  const canTell = (bytes: Uint8Array, end: number, to: number): boolean => {
    const passed = passSpaces(bytes, end + 1, to)
    return passed < to && !(isLong && to - passed < delimiters.length)
  }

  const tellQuoted = (bytes: Uint8Array, start: number, end: number, isDoubled: boolean): void => {
    const text = isDoubled ? unescapeQuotes(bytes, start, end, quote) : bytes.subarray(start, end)
    state.sink.cell(state.column++, text, 0, text.length)
  }

  const quoteInside = (): never =>
    fail('INVALID_OPENING_QUOTE', `Invalid Opening Quote: a quote is found on field ${state.column} at line ${state.line}, behind others`)

  const notClosed = (): number =>
    syntax.relaxed
      ? notQuoted
      : fail('CSV_QUOTE_NOT_CLOSED', `Quote Not Closed: the parsing is finished with an opening quote at line ${state.line}`)

  const notAtEnd = (byte: number): number =>
    syntax.relaxed
      ? notQuoted
      : fail(
          'CSV_INVALID_CLOSING_QUOTE',
          `Invalid Closing Quote: got "${String.fromCharCode(byte)}" at line ${state.line} instead of delimiter, record delimiter or trimable character`,
        )

  /** The place behind a cell that ends in front of `end`. */
  const behind = (bytes: Uint8Array, end: number, to: number): number => {
    if (end === to) return endRow(end)
    return isLineEnd(bytes[end]) ? endLine(bytes, end, to) : end + delimiters.length
  }

  /** Ends a line at `at`, which is an LF or a CR, and gives the place behind it. */
  const endLine = (bytes: Uint8Array, at: number, to: number): number => {
    state.line++
    const isCr = bytes[at] === cr
    // An LF that comes with the next piece belongs to the CR.
    if (isCr && at + 1 === to) state.skipLf = true
    return endRow(isCr && bytes[at + 1] === lf ? at + 2 : at + 1)
  }

  const endRow = (next: number): number => {
    const cells = state.column
    state.column = 0
    if (cells > 0) state.sink.endRow(state.lineOfRow, cells)
    return next
  }

  /** Ends the file: only behind a last delimiter is a row not ended yet, and the cell behind it is empty. */
  const finish = (): void => {
    if (state.column > 0 && !isSpaced) state.sink.cell(state.column++, delimiters, 0, 0)
    endRow(0)
  }

  return { state, scan, finish }
}
