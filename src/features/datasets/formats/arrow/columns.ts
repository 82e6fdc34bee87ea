/** What the columns of an Arrow table hold, which of them a table can have, and how their cells are told. */
import { type DataType, DateUnit, type Field, type TimeUnit, Type, type Vector } from 'apache-arrow'
import type { DatasetNote } from '../../../../api/dataset.schema.ts'
import type { ColumnDeclaration } from '../../../../api/upload-options.schema.ts'
import type { TableBuilder } from '../../table/builder.ts'
import type { CellValue } from '../../table/typed-cells.ts'

/** `index` is the column's place in the file; `as` how what a vector gives is told. */
export type ArrowColumn = {
  name: string
  index: number
  declared?: ColumnDeclaration
  as: (value: unknown) => CellValue
  isMoment: boolean
  isIndex: boolean
}

const dayMs = 86_400_000

export const columnsOf = (
  fields: readonly Field[],
  metadata: ReadonlyMap<string, string>,
): { columns: ArrowColumn[]; notes: DatasetNote[] } => {
  const columns: ArrowColumn[] = []
  const notes: DatasetNote[] = []
  const indexes = new Set(metadata.get('pandas')?.match(/__index_level_\d+__/g) ?? [])
  for (const [index, { name, type }] of fields.entries()) {
    const kind = kindOf(type)
    if (!kind) notes.push({ column: name, message: `holds values of the type ${type}, which are no cells: left out` })
    else columns.push({ name, index, isMoment: false, isIndex: indexes.has(name), ...kind })
    if (type.typeId === Type.Time) notes.push({ column: name, message: 'holds times of a day: read as seconds' })
    if (type.typeId === Type.Duration) notes.push({ column: name, message: 'holds durations: read as seconds' })
  }
  return { columns, notes }
}

type Kind = Pick<ArrowColumn, 'as'> & Partial<Pick<ArrowColumn, 'declared' | 'isMoment'>>

/** How one cell of a batch's column is told to the builder. */
export const cellTeller = (
  builder: TableBuilder,
  place: number,
  { as, isMoment }: ArrowColumn,
  vector: Vector,
): ((row: number) => void) => {
  if (isMoment) return (row) => builder.moment(place, as(vector.get(row)) as number | null)
  // Numbers without gaps lie in memory as they are.
  const numbers =
    vector.nullCount === 0 && vector.data.length === 1 && as === asIs && vector.type.typeId === Type.Float
      ? vector.data[0]?.values
      : undefined
  if (numbers instanceof Float64Array || numbers instanceof Float32Array) return (row) => builder.value(place, numbers[row])
  return (row) => builder.value(place, as(vector.get(row)))
}

const asIs = (value: unknown): CellValue => value as CellValue

/** Undefined for what is no cell. */
const kindOf = (type: DataType): Kind | undefined => {
  switch (type.typeId) {
    case Type.Null:
    case Type.Int:
    case Type.Float:
    case Type.Utf8:
    case Type.LargeUtf8:
      return { as: asIs }
    case Type.Bool:
      return { as: asIs, declared: 'boolean' }
    case Type.Dictionary:
      return kindOf((type as unknown as { dictionary: DataType }).dictionary)
    case Type.Decimal: {
      const { scale, bitWidth } = type as unknown as { scale: number; bitWidth: number }
      return { as: (value) => (value === null ? null : decimalOf(value as Uint32Array, bitWidth) / 10 ** scale) }
    }
    case Type.Date: {
      // The reader gives milliseconds for both.
      const isDay = (type as unknown as { unit: DateUnit }).unit === DateUnit.DAY
      return { as: (value) => scaled(value, dayMs), isMoment: true, declared: isDay ? 'date' : 'datetime' }
    }
    case Type.Timestamp:
      // Milliseconds, with a fraction for finer units.
      return { as: (value) => scaled(value, dayMs), isMoment: true, declared: 'datetime' }
    case Type.Time:
    case Type.Duration: {
      const units = 1000 ** (type as unknown as { unit: TimeUnit }).unit
      return { as: (value) => scaled(value, units) }
    }
    default:
      return undefined
  }
}

const scaled = (value: unknown, units: number): number | null => (value === null || value === undefined ? null : Number(value) / units)

/** A whole number of 32-bit words, the lowest first, in two's complement. */
const decimalOf = (words: Uint32Array, bitWidth: number): number => {
  let value = 0n
  for (let at = words.length - 1; at >= 0; at--) value = (value << 32n) | BigInt(words[at] ?? 0)
  return Number(BigInt.asIntN(bitWidth, value))
}
