/** Cells as they were uploaded, as JSON. */
import { shortestFloat32 } from '../../../numerics/shortest-float32.ts'
import { formatDate, formatDatetime } from '../table/moments.ts'
import type { RichColumn, RowLayout } from './row.repository.ts'

/** Some rows of a dataset: all cells as float32, exact values of wide columns, and the texts of the codes that occur. */
export type RowBlock = {
  layout: RowLayout
  values: Float32Array
  wide: Float64Array
  texts: ReadonlyMap<number, ReadonlyMap<number, string>>
}

/** Writes the cell at `row` of a column. */
export type CellWriter = (row: number) => string

/** A writer for each column of a block. A missing value is null, a number the shortest decimal that is it, a date is in words. */
export const cellWriters = (block: RowBlock): CellWriter[] => {
  const { layout, texts } = block
  const rich = new Map(layout.rich.map((column) => [column.at, column]))
  return cellReaders(block).map((value, at): CellWriter => {
    const column = rich.get(at)
    const write = column ? richWriter(column, texts.get(at)) : writeNumber
    return (row) => {
      const cell = value(row)
      return Number.isNaN(cell) ? 'null' : write(cell)
    }
  })
}

/** What reads the cell at `row` of each column, the exact value of wide ones. */
export const cellReaders = ({ layout, values, wide }: Omit<RowBlock, 'texts'>): ((row: number) => number)[] => {
  const width = layout.names.length
  const exact = layout.rich.filter((column) => column.wide)
  const places = new Map(exact.map(({ at }, place) => [at, place]))
  return layout.names.map((_, at) => {
    const place = places.get(at)
    return place === undefined ? (row) => values[row * width + at] as number : (row) => wide[row * exact.length + place] as number
  })
}

const writeNumber = (value: number): string => String(shortestFloat32(value))

const richWriter = ({ type }: RichColumn, texts: ReadonlyMap<number, string> = new Map()): ((value: number) => string) => {
  if (type === 'boolean') return (value) => String(value !== 0)
  if (type === 'date') return (value) => JSON.stringify(formatDate(value))
  if (type === 'datetime') return (value) => JSON.stringify(formatDatetime(value))
  if (type === 'category' || type === 'text') {
    const written = new Map([...texts].map(([code, text]) => [code, JSON.stringify(text)]))
    return (code) => written.get(code) ?? 'null'
  }
  return String
}
