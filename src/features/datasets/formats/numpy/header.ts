/** The header of an array in NumPy's format (numpy.lib.format): its type, its order and its shape. */
import { UnreadableTable } from '../binary-table.ts'
import { type DType, parseDType } from './dtype.ts'

/** A field of a structured array; a plain one has a single field without a name. `at` is where it lies in an element, in bytes. */
export type Field = { name: string; dtype: DType; at: number }
export type NpyHeader = { fields: Field[]; itemBytes: number; isFortran: boolean; shape: number[]; dataStart: number }

/** Bytes in which every header there may be ends. */
export const longestHeader = 1024 * 1024

/** @param bytes the beginning of the file, as long as the longest header or all of it */
export const readHeader = (bytes: Uint8Array): NpyHeader => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isNpy = bytes.length >= 12 && bytes[0] === 0x93 && Buffer.from(bytes.subarray(1, 6)).toString('latin1') === 'NUMPY'
  if (!isNpy) throw new UnreadableTable('is no NumPy array: it does not begin with \\x93NUMPY')
  const version = bytes[6]
  if (version !== 1 && version !== 2 && version !== 3)
    throw new UnreadableTable(`is of version ${version} of the format, which nobody knows`)
  const headerStart = version === 1 ? 10 : 12
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (headerStart + length > bytes.length) throw new UnreadableTable('ends within its header, or has one that is too long')
  const text = Buffer.from(bytes.subarray(headerStart, headerStart + length)).toString(version === 3 ? 'utf8' : 'latin1')
  return { ...parseHeader(text), dataStart: headerStart + length }
}

/** The literal of a Python dict, in the one form in which NumPy writes it. */
const parseHeader = (text: string): Omit<NpyHeader, 'dataStart'> => {
  const [, order] = /'fortran_order'\s*:\s*(True|False)/.exec(text) ?? []
  const [, dims] = /'shape'\s*:\s*\(([^)]*)\)/.exec(text) ?? []
  const [, descr] = /'descr'\s*:\s*('[^']*'|\[.*\])\s*,\s*'fortran_order'/s.exec(text) ?? []
  if (order === undefined || dims === undefined || descr === undefined)
    throw new UnreadableTable(`has a header that is none: ${text.slice(0, 100).trim()}`)
  const shape = dims
    .split(',')
    .map((part) => part.trim().replace(/L$/, ''))
    .filter((part) => part !== '')
    .map(Number)
  const size = shape.reduce((product, length) => product * length, 1)
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || !Number.isSafeInteger(size))
    throw new UnreadableTable(`has a shape that is none: (${dims.slice(0, 100)})`)
  return { ...fieldsOf(descr), isFortran: order === 'True', shape }
}

const fieldsOf = (descr: string): { fields: Field[]; itemBytes: number } => {
  if (!descr.startsWith('[')) {
    const dtype = parseDType(descr.slice(1, -1))
    return { fields: [{ name: '', dtype, at: 0 }], itemBytes: dtype.bytes }
  }
  const fields: Field[] = []
  let at = 0
  const pattern = /\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*,\s*'([^']*)'\s*\)\s*,?\s*/y
  pattern.lastIndex = 1
  while (pattern.lastIndex < descr.length - 1) {
    const [, name, type] = pattern.exec(descr) ?? []
    if (name === undefined || type === undefined) throw new UnreadableTable('has fields of fields or of arrays, which are no cells')
    const isPadding = /^\|V\d+$/.test(type)
    const dtype = isPadding ? undefined : parseDType(type)
    if (dtype) fields.push({ name: name.slice(1, -1), dtype, at })
    at += dtype?.bytes ?? Number(type.slice(2))
  }
  if (fields.length === 0) throw new UnreadableTable('has no fields')
  return { fields, itemBytes: at }
}
