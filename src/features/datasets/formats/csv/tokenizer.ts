/**
 * Cells of a CSV out of its bytes (RFC 4180 and its dialects), piece by piece: quotes, doubled quotes, lines that end with LF, CRLF
 * or CR, spaces around cells. Numbers are parsed where they stand, since nearly all cells of nearly all tables are numbers.
 */
import { type CellSink, createCellScanner, type Syntax } from './cell-scanner.ts'
import { CsvSyntaxError } from './syntax-error.ts'

/** Bytes of a row, far more than the widest table needs. */
const longestRow = 32 * 1024 * 1024
/** Bytes of an unfinished cell from which on it is not looked at again before it has doubled. */
const longCell = 64 * 1024

export const createTokenizer = (syntax: Syntax, first: CellSink) => {
  const scanner = createCellScanner(syntax, first)
  const { state } = scanner
  /** What came of the cell that is not whole, and how much there must be before it is looked at again. */
  let kept: Uint8Array[] = []
  let keptBytes = 0
  let waitFor = 0

  const limitRow = (): void => {
    if (keptBytes - state.rowStart <= longestRow) return
    const message = `Max Record Size: the row of line ${state.lineOfRow} is longer than ${longestRow} bytes`
    throw new CsvSyntaxError('CSV_MAX_RECORD_SIZE', message, state.lineOfRow)
  }

  /** Reads the next piece of the file, of which it keeps no more than a copy. @throws CsvSyntaxError if quotes don't match, or a row is too long */
  const write = (piece: Uint8Array): void => {
    if (keptBytes + piece.length < waitFor) {
      kept.push(Uint8Array.from(piece))
      keptBytes += piece.length
    } else {
      const bytes = keptBytes === 0 ? piece : Buffer.concat([...kept, piece])
      const rest = scanner.scan(bytes, false)
      keptBytes = bytes.length - rest
      kept = keptBytes === 0 ? [] : [Uint8Array.from(bytes.subarray(rest))]
      waitFor = keptBytes > longCell ? 2 * keptBytes : 0
      state.rowStart -= rest
    }
    limitRow()
  }

  /** Reads what is left at the end of the file. @throws CsvSyntaxError if a quote is still open */
  const end = (): void => {
    scanner.scan(Buffer.concat(kept), true)
    kept = []
    scanner.finish()
  }

  /** Another sink takes the rows that follow. */
  const sendTo = (next: CellSink): void => {
    state.sink = next
  }

  return { write, end, sendTo }
}

export type Tokenizer = ReturnType<typeof createTokenizer>
