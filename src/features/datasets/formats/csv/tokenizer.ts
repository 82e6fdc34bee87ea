/**
 * Cells of a CSV out of its bytes (RFC 4180 and its dialects), piece by piece: quotes, doubled quotes, lines that end with LF, CRLF
 * or CR, spaces around cells. Numbers are parsed where they stand, since nearly all cells of nearly all tables are numbers.
 */
import { kinds } from '../../table/kinds.ts'
import { exactPowers } from '../../table/numbers.ts'
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

/** Bytes of a row, far more than the widest table needs. */
const longestRow = 32 * 1024 * 1024
/** Bytes of an unfinished cell from which on it is not looked at again before it has doubled. */
const longCell = 64 * 1024

const [lf, cr, space, tab, plus, minus, zero] = [0x0a, 0x0d, 0x20, 0x09, 0x2b, 0x2d, 0x30]

export const createTokenizer = (syntax: Syntax, first: CellSink) => {
  const delimiterBytes = Buffer.from(syntax.delimiter)
  const delimiter = delimiterBytes[0] ?? 0x2c
  const isLong = delimiterBytes.length > 1
  const isSpaced = delimiter === space
  const quote = syntax.quote === '' ? -1 : (Buffer.from(syntax.quote)[0] ?? -1)
  const decimal = syntax.decimal.charCodeAt(0)
  let sink = first
  let column = 0
  let line = 1
  let lineOfRow = 1
  /** A CR was the last byte that came: an LF that follows belongs to it. */
  let skipLf = false
  /** What came of the cell that is not whole, and how much there must be before it is looked at again. */
  let kept: Uint8Array[] = []
  let keptBytes = 0
  let waitFor = 0
  /** Where the row begins in what is read: before it, if it began in an earlier piece. */
  let rowStart = 0
  let unescaped = Buffer.alloc(0)

  const isSpace = (byte: number): boolean => byte === space || (byte === tab && delimiter !== tab) || byte === 0x0b || byte === 0x0c
  const isDelimiter = (bytes: Uint8Array, at: number, to: number): boolean =>
    bytes[at] === delimiter &&
    (!isLong || (at + delimiterBytes.length <= to && delimiterBytes.every((byte, index) => bytes[at + index] === byte)))

  const fail = (code: string, message: string): never => {
    throw new CsvSyntaxError(code, message, line)
  }

  const endRow = (): void => {
    const cells = column
    column = 0
    sink.endRow(lineOfRow, cells)
  }

  /** Ends a line at `at`, which is an LF or a CR, and gives the place behind it. */
  const endLine = (bytes: Uint8Array, at: number, to: number): number => {
    line++
    let next = at + 1
    if (bytes[at] === cr) {
      if (next < to) {
        if (bytes[next] === lf) next++
      } else skipLf = true
    }
    return next
  }

  /** The cells from `from` on that are whole; gives where the first one starts that is not. At the end of a file all are. */
  const scan = (bytes: Uint8Array, from: number, to: number, isEnd: boolean): number => {
    let { kinds: kindOf, row } = sink
    let at = from
    while (at < to) {
      if (column === 0) lineOfRow = line
      if (kindOf[column] === kinds.number) {
        const start = bytes[at] === minus || bytes[at] === plus ? at + 1 : at
        let end = start
        let mantissa = 0
        let scale = 0
        let byte = 0
        while (end < to) {
          byte = bytes[end] as number
          const digit = byte - zero
          if (digit < 0 || digit > 9) break
          mantissa = mantissa * 10 + digit
          end++
        }
        const whole = end - start
        if (byte === decimal && end < to && byte !== delimiter) {
          end++
          while (end < to) {
            byte = bytes[end] as number
            const digit = byte - zero
            if (digit < 0 || digit > 9) break
            mantissa = mantissa * 10 + digit
            scale++
            end++
          }
        }
        const digits = whole + scale
        if (end < to && digits > 0 && digits <= 15 && !isLong && (whole <= 1 || bytes[start] !== zero)) {
          if (byte === delimiter || byte === lf || byte === cr) {
            const value = scale === 0 ? mantissa : mantissa / (exactPowers[scale] as number)
            row[column++] = bytes[at] === minus ? -value : value
            if (byte === delimiter) {
              at = end + 1
              continue
            }
            at = endLine(bytes, end, to)
            rowStart = at
            endRow()
            ;({ kinds: kindOf, row } = sink)
            continue
          }
        }
      }
      const next = scanAny(bytes, at, to, isEnd)
      if (next < 0) return at
      at = next
      if (column > 0) continue
      rowStart = at
      ;({ kinds: kindOf, row } = sink)
    }
    return at
  }

  /** One cell of any kind, and the line's end if it is its last; gives the place behind it, or -1 if it is not whole. */
  const scanAny = (bytes: Uint8Array, from: number, to: number, isEnd: boolean): number => {
    let start = from
    while (start < to && isSpace(bytes[start] as number)) start++
    if (start === to && !isEnd) return -1
    if (quote >= 0 && bytes[start] === quote && start < to) {
      const next = scanQuoted(bytes, start, to, isEnd)
      if (next !== notQuoted) return next
    }
    let end = start
    for (; end < to; end++) {
      const byte = bytes[end] as number
      if (byte === lf || byte === cr || (byte === delimiter && isDelimiter(bytes, end, to))) break
      if (byte === quote && !syntax.relaxed)
        fail('INVALID_OPENING_QUOTE', `Invalid Opening Quote: a quote is found on field ${column} at line ${line}, behind other characters`)
    }
    if (end === to && !isEnd) return -1
    return close(bytes, start, end, to)
  }

  /** Ends an unquoted cell in front of `end`. */
  const close = (bytes: Uint8Array, start: number, end: number, to: number): number => {
    let last = end
    while (last > start && isSpace(bytes[last - 1] as number)) last--
    const isLast = end === to || bytes[end] === lf || bytes[end] === cr
    const isNothing = last === start && isLast
    // A line with nothing in it is no row; and behind spaces that separate cells a line's end is no cell.
    if (!isNothing || (column > 0 && !isSpaced)) sink.cell(column++, bytes, start, last)
    return behind(bytes, end, to)
  }

  /** The place behind a cell that ends in front of `end`. */
  const behind = (bytes: Uint8Array, end: number, to: number): number => {
    if (end < to && bytes[end] !== lf && bytes[end] !== cr) return end + delimiterBytes.length
    const next = end < to ? endLine(bytes, end, to) : end
    if (column > 0) endRow()
    return next
  }

  const scanQuoted = (bytes: Uint8Array, open: number, to: number, isEnd: boolean): number => {
    let doubled = 0
    let lines = 0
    let end = open + 1
    for (; end < to; end++) {
      const byte = bytes[end] as number
      if (byte === quote) {
        if (end + 1 === to && !isEnd) return -1
        if (end + 1 < to && bytes[end + 1] === quote) {
          doubled++
          end++
        } else break
      } else if (byte === lf || (byte === cr && bytes[end + 1] !== lf)) lines++
    }
    if (end >= to) {
      if (!isEnd) return -1
      if (syntax.relaxed) return notQuoted
      return fail('CSV_QUOTE_NOT_CLOSED', `Quote Not Closed: the parsing is finished with an opening quote at line ${line}`)
    }
    let after = end + 1
    while (after < to && isSpace(bytes[after] as number)) after++
    if (after === to && !isEnd) return -1
    if (after < to && bytes[after] !== lf && bytes[after] !== cr && !isDelimiter(bytes, after, to)) {
      if (isLong && !isEnd && to - after < delimiterBytes.length) return -1
      // A space that separates cells has been skipped already.
      if (!(isSpaced && after > end + 1)) {
        if (syntax.relaxed) return notQuoted
        const found = String.fromCharCode(bytes[after] as number)
        return fail(
          'CSV_INVALID_CLOSING_QUOTE',
          `Invalid Closing Quote: got "${found}" at line ${line} instead of delimiter, record delimiter or trimable character`,
        )
      }
      after--
    }
    if (doubled === 0) sink.cell(column++, bytes, open + 1, end)
    else tellUnescaped(bytes, open + 1, end)
    line += lines
    return behind(bytes, after, to)
  }

  const tellUnescaped = (bytes: Uint8Array, start: number, end: number): void => {
    if (unescaped.length < end - start) unescaped = Buffer.allocUnsafe(2 * (end - start))
    let length = 0
    for (let at = start; at < end; at++) {
      unescaped[length++] = bytes[at] as number
      if (bytes[at] === quote) at++
    }
    sink.cell(column++, unescaped, 0, length)
  }

  const read = (bytes: Uint8Array, isEnd: boolean): number => {
    let from = 0
    if (skipLf && bytes.length > 0) {
      skipLf = false
      if (bytes[0] === lf) from = 1
    }
    return scan(bytes, from, bytes.length, isEnd)
  }

  /** Reads the next piece of the file, of which it keeps no more than a copy. @throws CsvSyntaxError if quotes don't match, or a row is too long */
  const write = (piece: Uint8Array): void => {
    if (keptBytes + piece.length < waitFor) {
      kept.push(Uint8Array.from(piece))
      keptBytes += piece.length
      return limitRow()
    }
    const bytes = keptBytes === 0 ? piece : Buffer.concat([...kept, piece])
    const rest = read(bytes, false)
    keptBytes = bytes.length - rest
    kept = keptBytes === 0 ? [] : [Uint8Array.from(bytes.subarray(rest))]
    waitFor = keptBytes > longCell ? 2 * keptBytes : 0
    rowStart -= rest
    limitRow()
  }

  const limitRow = (): void => {
    if (keptBytes - rowStart > longestRow)
      fail('CSV_MAX_RECORD_SIZE', `Max Record Size: the row of line ${lineOfRow} is longer than ${longestRow} bytes`)
  }

  /** Reads what is left at the end of the file. @throws CsvSyntaxError if a quote is still open */
  const end = (): void => {
    read(Buffer.concat(kept), true)
    kept = []
    // Only behind a last delimiter is a row not ended yet: the cell behind it is empty.
    if (column === 0) return
    if (!isSpaced) sink.cell(column++, unescaped, 0, 0)
    endRow()
  }

  /** Another sink takes the rows that follow. */
  const sendTo = (next: CellSink): void => {
    sink = next
  }

  return { write, end, sendTo }
}

export type Tokenizer = ReturnType<typeof createTokenizer>

const notQuoted = -2
