/** One cell after the other, read as what its column holds so far. */

import { type Kind, kinds } from './kinds.ts'
import { mayBeMoment, parseMoment } from './moments.ts'
import { hasLeadingZero, isGrouped, type NumberMarks, parseNumber } from './numbers.ts'

/** Characters of a cell that a message repeats. */
const shownCharacters = 200

/** Bytes as text, as long as a message repeats it. */
export const shownText = (bytes: Uint8Array, start: number, end: number): string => {
  const text = textOf(bytes, start, Math.min(end, start + 4 * shownCharacters))
  return text.length > shownCharacters ? text.slice(0, shownCharacters) : text
}

export const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')

/** 1 for `true`, 0 for `false`, in any case; NaN for anything else. */
export const parseBoolean = (bytes: Uint8Array, start: number, end: number): number => {
  if (end - start !== 4 && end - start !== 5) return Number.NaN
  const word = textOf(bytes, start, end).toLowerCase()
  return word === 'true' ? 1 : word === 'false' ? 0 : Number.NaN
}

/** What a first cell of a column makes of it. */
export const kindOfCell = (bytes: Uint8Array, start: number, end: number, marks: NumberMarks): Kind => {
  const number = parseNumber(bytes, start, end, marks)
  if (!Number.isNaN(number)) return hasLeadingZero(bytes, start, end) ? kinds.text : kinds.number
  if (parseBoolean(bytes, start, end) >= 0) return kinds.boolean
  return mayBeMoment(bytes, start, end) && parseMoment(textOf(bytes, start, end)) ? kinds.moment : kinds.text
}

/** True for a number that was written with something between its thousands. */
export const hasThousands = (bytes: Uint8Array, start: number, end: number, marks: NumberMarks): boolean => {
  for (let at = start; at < end; at++) if (bytes[at] === marks.thousands) return isGrouped(textOf(bytes, start, end), marks)
  return false
}

/** Why a cell is no number that can be kept. */
export const numberError = (
  value: number,
  text: string,
  marks: NumberMarks,
  alone: boolean,
): { code: string; is: string; value: string } =>
  Number.isNaN(value)
    ? { code: 'not_a_number', is: `which is not a number${hintAt(text, marks, alone)}`, value: text }
    : { code: 'not_finite', is: 'which a float32 cannot hold', value: text }

/** What a cell with a separator in it may mean. */
const hintAt = (cell: string, { decimal }: NumberMarks, alone: boolean): string => {
  const separator = 'say with ?delimiter= what separates the cells'
  const other = decimal === 0x2e ? ',' : '.'
  if (new RegExp(`^[-+]?\\d+[${other}]\\d+$`).test(cell))
    return alone ? `; say ?decimal=${other}, or ${separator}` : `; say ?decimal=${other} if that is its decimal mark`
  return (alone ? /[^\w.+-]/ : /[,;\t|]/).test(cell) ? `; ${separator}` : ''
}
