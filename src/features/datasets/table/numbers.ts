/** Decimal numbers out of bytes. */

/** How numbers are written: bytes of the decimal mark, and of what may stand between thousands. */
export type NumberMarks = { decimal: number; thousands: number }

export const pointMarks: NumberMarks = { decimal: 0x2e, thousands: 0x2c }
export const commaMarks: NumberMarks = { decimal: 0x2c, thousands: 0x2e }

/** Powers of ten that a float64 holds exactly: a number of 15 digits times or over one of them is rounded once, as it should be. */
export const exactPowers = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/**
 * The number that bytes are; NaN if they are none, and infinite if they say so or no float64 is that large. Neither hexadecimal
 * nor anything but digits, one decimal mark and an exponent is a number; thousands may be set apart in groups of three.
 */
export const parseNumber = (bytes: Uint8Array, start: number, end: number, marks: NumberMarks): number => {
  let at = start
  const isNegative = bytes[at] === 0x2d
  if (isNegative || bytes[at] === 0x2b) at++
  let mantissa = 0
  let digits = 0
  let scale = 0
  for (let digit = byteAt(bytes, at) - 0x30; at < end && digit >= 0 && digit <= 9; digit = byteAt(bytes, ++at) - 0x30) {
    mantissa = mantissa * 10 + digit
    digits++
  }
  if (at < end && bytes[at] === marks.decimal) {
    at++
    for (let digit = byteAt(bytes, at) - 0x30; at < end && digit >= 0 && digit <= 9; digit = byteAt(bytes, ++at) - 0x30) {
      mantissa = mantissa * 10 + digit
      digits++
      scale++
    }
  }
  if (at === end && digits > 0 && digits <= 15 && scale <= 22) {
    const value = scale === 0 ? mantissa : mantissa / (exactPowers[scale] as number)
    return isNegative ? -value : value
  }
  return digits > 0 || end - start <= longestWord ? parseText(bytes, start, end, marks) : Number.NaN
}

/** True if a number begins with a zero that says nothing, as identifiers and postal codes do. */
export const hasLeadingZero = (bytes: Uint8Array, start: number, end: number): boolean => {
  const first = bytes[start] === 0x2d || bytes[start] === 0x2b ? start + 1 : start
  if (bytes[first] !== 0x30 || first + 1 >= end) return false
  const second = byteAt(bytes, first + 1)
  return second >= 0x30 && second <= 0x39
}

/** Characters of `-infinity`, with some room. */
const longestWord = 12
/** Characters that are read as a number at most: nobody writes more digits, and matching them takes time. */
const longestNumber = 1000

/** True for bytes that are a number only because what stands between thousands was left out. */
export const isGrouped = (text: string, { decimal, thousands }: NumberMarks): boolean =>
  grouped(String.fromCharCode(thousands), String.fromCharCode(decimal)).test(text)

const byteAt = (bytes: Uint8Array, at: number): number => (at < bytes.length ? (bytes[at] as number) : 0)

const parseText = (bytes: Uint8Array, start: number, end: number, marks: NumberMarks): number => {
  if (end - start > longestNumber) return Number.NaN
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
  const [decimal, thousands] = [String.fromCharCode(marks.decimal), String.fromCharCode(marks.thousands)]
  const plain = grouped(thousands, decimal).test(text) ? text.replaceAll(thousands, '') : text
  const pointed = decimal === '.' ? plain : plain.includes('.') ? '' : plain.replace(decimal, '.')
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(pointed)) return Number(pointed)
  if (/^[-+]?inf(?:inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return Number.NaN
}

const groupedByComma = /^[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/
const groupedByPoint = /^[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/
const grouped = (thousands: string, _decimal: string): RegExp => (thousands === ',' ? groupedByComma : groupedByPoint)
