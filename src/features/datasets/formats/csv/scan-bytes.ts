/** What stands at a place of a CSV, byte by byte. */
import { exactPowers } from '../../table/numbers.ts'

export const [lf, cr, space, tab] = [0x0a, 0x0d, 0x20, 0x09]
const [plus, minus, zero, nine] = [0x2b, 0x2d, 0x30, 0x39]

/** Digits of a number that a float64 holds exactly. */
const exactDigits = 15

/**
 * Reads a plain number of up to 15 digits into `row[column]`, and gives the place behind it: -1 if there is none, or one that has to
 * be looked at more closely, as those with an exponent, or with zeros in front.
 */
export const readPlainNumber = (
  bytes: Uint8Array,
  at: number,
  to: number,
  { decimal, row, column }: { decimal: number; row: Float64Array; column: number },
): number => {
  const start = isSign(bytes[at]) ? at + 1 : at
  let mantissa = 0
  let mark = -1
  let end = start
  for (; end < to; end++) {
    const byte = bytes[end] as number
    if (byte >= zero && byte <= nine) mantissa = mantissa * 10 + (byte - zero)
    else if (byte !== decimal || mark >= 0) break
    else mark = end
  }
  const whole = (mark < 0 ? end : mark) - start
  const scale = mark < 0 ? 0 : end - mark - 1
  if (!isPlain(whole + scale, whole > 1 && bytes[start] === zero)) return -1
  const value = scale === 0 ? mantissa : mantissa / (exactPowers[scale] as number)
  row[column] = bytes[at] === minus ? -value : value
  return end
}

/** The quote that closes a cell: its place, how many doubled ones are before it, and how many line ends. */
export type QuotedCell = { end: number; doubled: number; lines: number }

/** Looks for the quote that closes the cell which opens at `open`; undefined if it is not there, or may be half of a doubled one. */
export const findClosingQuote = (
  bytes: Uint8Array,
  open: number,
  to: number,
  { quote, isEnd }: { quote: number; isEnd: boolean },
): QuotedCell | undefined => {
  let doubled = 0
  let lines = 0
  for (let end = open + 1; end < to; end++) {
    const byte = bytes[end] as number
    if (byte === lf || (byte === cr && bytes[end + 1] !== lf)) lines++
    if (byte !== quote) continue
    if (end + 1 === to) return isEnd ? { end, doubled, lines } : undefined
    if (bytes[end + 1] !== quote) return { end, doubled, lines }
    doubled++
    end++
  }
  return undefined
}

/** A quoted cell without the second of each two quotes. */
export const unescapeQuotes = (bytes: Uint8Array, start: number, end: number, quote: number): Uint8Array => {
  const text = new Uint8Array(end - start)
  let length = 0
  for (let at = start; at < end; at++) {
    text[length++] = bytes[at] as number
    if (bytes[at] === quote) at++
  }
  return text.subarray(0, length)
}

const isSign = (byte: number | undefined): boolean => byte === minus || byte === plus

const isPlain = (digits: number, hasLeadingZero: boolean): boolean => digits > 0 && digits <= exactDigits && !hasLeadingZero
