/** Tables as CSV (RFC 4180 and its dialects), piece by piece: a line of column names if there is one, then rows. */
import type { CsvDialect } from '../../../../api/dataset.schema.ts'
import { Problem } from '../../../../contracts/error-codes.ts'
import type { Charset } from '../../../../contracts/table-limits.ts'
import type { FileFacts, PieceReader, ReaderContext } from '../../table/piece-reader.ts'
import { requireText } from '../other-format.ts'
import type { Syntax } from './cell-scanner.ts'
import { createTranscoder, requireCharset } from './charset.ts'
import { type CsvHints, hintsOf, sniffDecimal, sniffDelimiter, sniffedBytes, statedDelimiter } from './dialect.ts'
import { createRowReader } from './rows.ts'
import { CsvSyntaxError } from './syntax-error.ts'
import { createTokenizer, type Tokenizer } from './tokenizer.ts'

/**
 * Reads a CSV; every row that is ragged becomes a validation error with its line, which counts from 1 and includes the header.
 * What the hints don't say is found out from the beginning of the file: a first line of numbers alone is data, and the columns
 * are x1, x2, …
 */
export const openCsvReader = (context: ReaderContext): PieceReader => {
  const { errors } = context
  const hints = hintsOf(context.hints)
  /** The file's beginning, until there is enough of it to be looked at. */
  let beginning: Uint8Array[] = []
  let bytes = 0
  let reading:
    | {
        tokenizer: Tokenizer
        transcoder: ReturnType<typeof createTranscoder>
        rows: ReturnType<typeof createRowReader>
        dialect: CsvDialect
      }
    | undefined

  const begin = () => {
    const first = Buffer.concat(beginning)
    beginning = []
    requireText(first)
    const charset = requireCharset(first, { said: hints.charset, contentType: context.hints.contentType })
    const transcoder = createTranscoder(charset)
    const text = transcoder.write(first)
    const looked = Buffer.from(text.buffer, text.byteOffset, Math.min(text.length, sniffedBytes))
    const { syntax, isStated, data } = findSyntax(looked, hints)
    const dialect = dialectOf(syntax, charset, hints)
    const rows = createRowReader({ ...context, hints, beginning: data, syntax, dialect })
    const tokenizer = createTokenizer(syntax, isStated ? rows.statement : rows.header)
    rows.sendTo(tokenizer.sendTo)
    reading = { tokenizer, transcoder, rows, dialect }
    tokenizer.write(text)
    return reading
  }

  const write = (piece: Uint8Array): void =>
    attempt(() => {
      if (reading) return reading.tokenizer.write(reading.transcoder.write(piece))
      beginning.push(Uint8Array.from(piece))
      bytes += piece.length
      if (bytes >= sniffedBytes) begin()
    })

  const end = (): FileFacts =>
    attempt(() => {
      const { tokenizer, transcoder, rows, dialect } = reading ?? begin()
      tokenizer.write(transcoder.end())
      tokenizer.end()
      rows.end(errors)
      return { csv: dialect, namesAreGiven: dialect.header }
    })

  return { write, end }
}

/** How a file that begins like this is written; `data` is what lies behind a first line that says what separates the cells. */
const findSyntax = (beginning: Buffer, hints: CsvHints): { syntax: Syntax; isStated: boolean; data: Buffer } => {
  const stated = statedDelimiter(beginning)
  const data = stated === undefined ? beginning : beginning.subarray(endOfLine(beginning))
  const quote = hints.quote === 'none' ? '' : (hints.quote ?? '"')
  const delimiter = hints.delimiter ?? stated ?? sniffDelimiter(data, quote)
  const decimal = hints.decimal ?? sniffDecimal(data, delimiter, quote)
  return { syntax: { delimiter, quote, decimal }, isStated: stated !== undefined, data }
}

/** What the answer says of it: what is not usual only if it is so. */
const dialectOf = ({ delimiter, decimal }: Syntax, charset: Charset, hints: CsvHints): CsvDialect => ({
  delimiter,
  header: hints.header ?? true,
  ...(hints.quote === undefined || hints.quote === '"' ? {} : { quote: hints.quote }),
  ...(decimal === '.' && hints.decimal === undefined ? {} : { decimal }),
  ...(charset === 'utf-8' ? {} : { charset }),
})

/** The place behind the first line. */
const endOfLine = (bytes: Buffer): number => {
  const at = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d)
  return bytes[at] === 0x0d && bytes[at + 1] === 0x0a ? at + 2 : at + 1
}

const attempt = <Result>(read: () => Result): Result => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CsvSyntaxError)) throw error
    const { code, message, line } = error
    throw new Problem('MALFORMED_BODY', 'The file is not a CSV', [{ path: '/rows', code, message, line }])
  }
}
