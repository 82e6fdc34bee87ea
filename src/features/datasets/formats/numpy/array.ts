/** One array of NumPy's as columns of a table: rows are its first dimension. */
import type { TableBuilder } from '../../table/builder.ts'
import { type FileBytes, UnreadableTable } from '../binary-table.ts'
import { longestHeader, type NpyHeader, readHeader } from './header.ts'

/** `width` columns of so many rows; `shape` is what one row was, if it was more than a list. `open` gives a teller of their cells. */
export type NpyArray = {
  rows: number
  width: number
  shape: number[]
  fieldNames: string[]
  momentOf: (column: number) => 'date' | 'datetime' | null
  open: (builder: TableBuilder, firstColumn: number) => { tellRow: (row: number) => void }
}

/** Bytes of an array that are in memory at a time. */
const windowBytes = 4 * 1024 * 1024

export const openArray = (file: FileBytes, what = ''): NpyArray => {
  const header = readHeader(file.read(0, Math.min(file.bytes, longestHeader)))
  const [rows = 1, ...shape] = header.shape
  const width = shape.reduce((product, length) => product * length, 1) * header.fields.length
  const { dataStart, itemBytes } = header
  const wanted = dataStart + rows * (width / header.fields.length) * itemBytes
  if (file.bytes < wanted) throw new UnreadableTable(`${what}says that it has ${wanted} bytes, but ends after ${file.bytes}`)
  const fieldOf = (column: number) => header.fields[column % header.fields.length]
  return {
    rows,
    width,
    shape: shape.length > 1 && header.fields.length === 1 ? shape : [],
    fieldNames: header.fields.map(({ name }) => name),
    momentOf: (column) => fieldOf(column)?.dtype.moment ?? null,
    open: (builder, firstColumn) => ({
      tellRow: header.isFortran ? tellByColumns(file, header, builder, firstColumn) : tellByRows(file, header, builder, firstColumn),
    }),
  }
}

const cellsOf = ({ fields, shape }: NpyHeader) => {
  const perRow = shape.slice(1).reduce((product, length) => product * length, 1)
  return Array.from({ length: perRow }, (_, element) => fields.map((field) => ({ ...field, element }))).flat()
}

/** Elements of a row lie together. */
const tellByRows = (file: FileBytes, header: NpyHeader, builder: TableBuilder, firstColumn: number) => {
  const cells = cellsOf(header)
  const rowBytes = (cells.length / header.fields.length) * header.itemBytes
  const most = Math.max(1, Math.floor(windowBytes / Math.max(1, rowBytes)))
  const [rows = 1] = header.shape
  let [from, to] = [0, 0]
  let view = new DataView(new ArrayBuffer(0))
  return (row: number): void => {
    if (row < from || row >= to) {
      from = row
      to = Math.min(rows, row + most)
      view = new DataView(file.read(header.dataStart + from * rowBytes, header.dataStart + to * rowBytes).buffer)
    }
    for (const [column, { dtype, at, element }] of cells.entries()) {
      const value = dtype.read(view, (row - from) * rowBytes + element * header.itemBytes + at)
      if (dtype.moment) builder.moment(firstColumn + column, value as number | null)
      else builder.value(firstColumn + column, value)
    }
  }
}

/** Elements of a column lie together: Fortran's order, in which the first dimension runs fastest. */
const tellByColumns = (file: FileBytes, header: NpyHeader, builder: TableBuilder, firstColumn: number) => {
  const [rows = 1, ...shape] = header.shape
  const cells = cellsOf(header)
  const count = cells.length / header.fields.length
  /** Where an element of a row, counted in C's order, lies in Fortran's. */
  const placeOf = fortranPlaces(shape)
  const most = Math.max(1, Math.floor(windowBytes / Math.max(1, count * header.itemBytes)))
  let [from, to] = [0, 0]
  let views: DataView[] = []
  return (row: number): void => {
    if (row < from || row >= to) {
      from = row
      to = Math.min(rows, row + most)
      views = Array.from({ length: count }, (_, element) => {
        const start = header.dataStart + (placeOf(element) * rows + from) * header.itemBytes
        return new DataView(file.read(start, start + (to - from) * header.itemBytes).buffer)
      })
    }
    for (const [column, { dtype, at, element }] of cells.entries()) {
      const value = dtype.read(views[element] as DataView, (row - from) * header.itemBytes + at)
      if (dtype.moment) builder.moment(firstColumn + column, value as number | null)
      else builder.value(firstColumn + column, value)
    }
  }
}

const fortranPlaces =
  (shape: readonly number[]) =>
  (element: number): number => {
    let rest = element
    let place = 0
    const indexes: number[] = []
    for (const length of [...shape].reverse()) {
      indexes.unshift(rest % length)
      rest = Math.floor(rest / length)
    }
    for (let at = shape.length - 1; at >= 0; at--) place = place * (shape[at] ?? 1) + (indexes[at] ?? 0)
    return place
  }
