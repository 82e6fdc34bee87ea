/** NumPy's types of elements, and how one is read. */
import type { CellValue } from '../../table/typed-cells.ts'
import { UnreadableTable } from '../binary-table.ts'

/** `moment`: what is read are days since 1970, of a date or with a time. */
export type DType = { bytes: number; moment: 'date' | 'datetime' | null; read: (view: DataView, at: number) => CellValue }

/** @param text as in `<f8` @throws UnreadableTable for what is no cell */
export const parseDType = (text: string): DType => {
  const [, order = '|', kind = '', digits = '', unit] = /^([<>|=]?)([a-zA-Z?])(\d*)(?:\[([^\]]*)\])?$/.exec(text) ?? []
  const isLittle = order !== '>'
  const size = Number(digits)
  if (kind === 'O') throw new UnreadableTable('holds objects of Python, which are never read: convert it to numbers or texts')
  const read = numberReaders[`${kind}${digits}`]
  if (read) return { bytes: size || 1, moment: null, read: (view, at) => read(view, at, isLittle) }
  if (kind === 'S' && isLength(size)) return { bytes: size, moment: null, read: (view, at) => latin1(view, at, size) }
  if (kind === 'U' && isLength(size)) return { bytes: 4 * size, moment: null, read: (view, at) => utf32(view, at, size, isLittle) }
  if ((kind === 'M' || kind === 'm') && size === 8) return timeOf(kind, unit ?? '', isLittle)
  throw new UnreadableTable(`holds elements of the type ${text.slice(0, 40)}, which are no cells`)
}

const isLength = (size: number): boolean => size > 0 && size <= 1_000_000

type Read = (view: DataView, at: number, isLittle: boolean) => CellValue

const numberReaders: Record<string, Read | undefined> = {
  b1: (view, at) => view.getUint8(at) !== 0,
  '?': (view, at) => view.getUint8(at) !== 0,
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, isLittle) => view.getInt16(at, isLittle),
  u2: (view, at, isLittle) => view.getUint16(at, isLittle),
  i4: (view, at, isLittle) => view.getInt32(at, isLittle),
  u4: (view, at, isLittle) => view.getUint32(at, isLittle),
  i8: (view, at, isLittle) => small(view.getBigInt64(at, isLittle)),
  u8: (view, at, isLittle) => small(view.getBigUint64(at, isLittle)),
  f2: (view, at, isLittle) => half(view.getUint16(at, isLittle)),
  f4: (view, at, isLittle) => view.getFloat32(at, isLittle),
  f8: (view, at, isLittle) => view.getFloat64(at, isLittle),
}

/** A number, unless that would not be the same. */
const small = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value)

const half = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Texts are filled up with zeros. */
const latin1 = (view: DataView, at: number, size: number): string =>
  Buffer.from(view.buffer, view.byteOffset + at, size)
    .toString('utf8')
    .replace(/\0+$/, '')

const utf32 = (view: DataView, at: number, size: number, isLittle: boolean): string => {
  let end = size
  while (end > 0 && view.getUint32(at + 4 * (end - 1), isLittle) === 0) end--
  let text = ''
  for (let place = 0; place < end; place++) {
    const point = view.getUint32(at + 4 * place, isLittle)
    // What is no code point is no text either: the builder refuses a NUL.
    text += point <= 0x10ffff ? String.fromCodePoint(point) : '\0'
  }
  return text
}

const daysPer: Record<string, number | undefined> = {
  W: 7,
  D: 1,
  h: 1 / 24,
  m: 1 / 1440,
  s: 1 / 86_400,
  ms: 1 / 86_400e3,
  us: 1 / 86_400e6,
  ns: 1 / 86_400e9,
}
const secondsPerDay = 86_400

/** `datetime64` as days since 1970, `timedelta64` as seconds; NaT is missing. */
const timeOf = (kind: string, unit: string, isLittle: boolean): DType => {
  const [, count = '', name = ''] = /^(\d*)([a-zA-Z]+)$/.exec(unit) ?? []
  const times = Number(count || 1)
  const take = (view: DataView, at: number): bigint | null => {
    const value = view.getBigInt64(at, isLittle)
    return value === -(2n ** 63n) ? null : value
  }
  const days = daysPer[name]
  if (days !== undefined && kind === 'M')
    return {
      bytes: 8,
      moment: days < 1 ? 'datetime' : 'date',
      read: (view, at) => mapNumber(take(view, at), (value) => (value * times) / (1 / days)),
    }
  if (days !== undefined)
    return {
      bytes: 8,
      moment: null,
      read: (view, at) => mapNumber(take(view, at), (value) => (value * times * secondsPerDay) / (1 / days)),
    }
  if (kind === 'M' && (name === 'Y' || name === 'M')) {
    const months = name === 'Y' ? 12 : 1
    return {
      bytes: 8,
      moment: 'date',
      read: (view, at) => mapNumber(take(view, at), (value) => Date.UTC(1970, value * times * months) / 86_400_000),
    }
  }
  throw new UnreadableTable(`holds times in units of ${unit.slice(0, 40) || 'nothing'}, which are no cells`)
}

const mapNumber = (value: bigint | null, map: (value: number) => number): number | null => (value === null ? null : map(Number(value)))
