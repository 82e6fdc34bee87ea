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
  const first = bytes[start] === minus || bytes[start] === plus ? start + 1 : start
  const whole = endOfDigits(bytes, first, end)
  const hasMark = whole < end && bytes[whole] === marks.decimal
  const last = hasMark ? endOfDigits(bytes, whole + 1, end) : whole
  const scale = hasMark ? last - whole - 1 : 0
  const digits = whole - first + scale
  if (last === end && digits > 0 && digits <= 15) {
    const mantissa = digitsOf(bytes, first, whole) * (exactPowers[scale] as number) + digitsOf(bytes, last - scale, last)
    const value = mantissa / (exactPowers[scale] as number)
    return bytes[start] === minus ? -value : value
  }
  return digits > 0 || end - start <= longestWord ? parseText(bytes, start, end, marks) : Number.NaN
}

/** True if a number begins with a zero that says nothing, as identifiers and postal codes do. */
export const hasLeadingZero = (bytes: Uint8Array, start: number, end: number): boolean => {
  const first = bytes[start] === minus || bytes[start] === plus ? start + 1 : start
  return first + 1 < end && bytes[first] === zero && endOfDigits(bytes, first + 1, first + 2) > first + 1
}

/** True for bytes that are a number only because what stands between thousands was left out. */
export const isGrouped = (text: string, { decimal, thousands }: NumberMarks): boolean =>
  grouped(String.fromCharCode(thousands), String.fromCharCode(decimal)).test(text)

const [plus, minus, zero, nine] = [0x2b, 0x2d, 0x30, 0x39]

const endOfDigits = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start
  while (at < end && (bytes[at] as number) >= zero && (bytes[at] as number) <= nine) at++
  return at
}

/** The whole number that digits are. */
const digitsOf = (bytes: Uint8Array, start: number, end: number): number => {
  let value = 0
  for (let at = start; at < end; at++) value = value * 10 + ((bytes[at] as number) - zero)
  return value
}

/** Characters of `-infinity`, with some room. */
const longestWord = 12
/** Characters that are read as a number at most: nobody writes more digits, and matching them takes time. */
const longestNumber = 1000

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
