/** Tables as JSON objects, a line each (NDJSON, JSON Lines). */
import { Problem } from '../../../../contracts/error-codes.ts'
import type { PieceReader, ReaderContext } from '../../table/piece-reader.ts'
import { createObjectRows } from '../json/object-rows.ts'
import { requireText } from '../other-format.ts'
import { createLines } from './lines.ts'

/** Bytes of a line: the widest table of long names has less. */
const longestLine = 16 * 1024 * 1024
/** Brackets of a line: an array or an object more than the row itself is no cell anyway, and many of them take memory. */
const mostBrackets = 100_000

/**
 * Reads NDJSON; a line that is no JSON ends it, unless rows may be left out. Columns are the keys in the order in which they come; a key
 * that only comes late makes the file be read again with it, its earlier cells missing.
 */
export const openNdjsonReader = (context: ReaderContext): PieceReader => {
  const rows = createObjectRows(context)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let isFirst = true

  const take = (bytes: Buffer, line: number): void => {
    const json = parse(bytes, decoder)
    if ('value' in json) rows.add(json.value, line)
    else if (rows.areBadRowsAllowed) rows.bad(line, `line ${line} ${json.is}`)
    else throw malformed(line, json.is)
  }
  const lines = createLines({
    most: longestLine,
    take,
    tooLong: (line) => {
      throw malformed(line, `is longer than ${longestLine} bytes`)
    },
  })

  const write = (piece: Uint8Array): void => {
    const hasMark = isFirst && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf
    if (isFirst) requireText(piece)
    isFirst = false
    lines.write(hasMark ? piece.subarray(3) : piece)
  }
  const end = () => {
    lines.end()
    rows.end()
    return { csv: null, namesAreGiven: true }
  }
  return { write, end, lateNames: rows.lateNames }
}

const parse = (bytes: Buffer, decoder: { decode: (bytes: Uint8Array) => string }): { value: unknown } | { is: string } => {
  if (bytes.length > mostBrackets && bracketsOf(bytes) > mostBrackets) return { is: `has more than ${mostBrackets} brackets` }
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return { is: 'is not UTF-8' }
  }
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { is: `is not JSON: ${error instanceof Error ? error.message : 'it cannot be parsed'}` }
  }
}

const bracketsOf = (bytes: Buffer): number => {
  let count = 0
  for (const byte of bytes) if (byte === 0x5b || byte === 0x7b) count++
  return count
}

const malformed = (line: number, is: string): Problem =>
  new Problem('MALFORMED_BODY', 'The file is not JSON line by line', [
    { path: '/rows', code: 'malformed', message: `line ${line} ${is}`, line },
  ])
