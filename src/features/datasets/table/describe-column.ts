/** What one column is, once all of its cells have been read. */
import type { StoredColumn } from '../../../api/column.schema.ts'
import { shownLevels } from '../../../contracts/table-limits.ts'
import { shortestFloat32 } from '../../../numerics/shortest-float32.ts'
import type { ReadCells } from './builder.ts'
import { kinds } from './kinds.ts'
import { formatDate, formatDatetime } from './moments.ts'
import { type OrderedLevels, orderLevels } from './order-levels.ts'
import { maxSketchedColumns } from './row-sample.ts'
import { textNotes } from './text-notes.ts'

/** A column but for its name and role; `levels` if it has any, and why they are as they are. `isUnique`: no two values are the same, as far as is known of numbers. */
export type DescribedColumn = { column: Omit<StoredColumn, 'name' | 'role'>; ordered?: OrderedLevels; notes: string[]; isUnique: boolean }

/** Levels up to which a column of texts is a category, if that is less than half of its rows. */
const maxCategoryLevels = 1000
/** Characters of the levels that one column shows. */
const maxShownCharacters = 32 * 1024

export const describeColumn = (cells: ReadCells, column: number): DescribedColumn =>
  cells.kinds[column] === kinds.text || cells.kinds[column] === kinds.unknown ? describeText(cells, column) : describeValues(cells, column)

type Described = Omit<StoredColumn, 'name' | 'role'>

const describeValues = (cells: ReadCells, column: number): DescribedColumn => {
  const known = cells.statistics.of(column)
  const { missing, count, min, max, mean, std, isWhole } = known
  const type = valueType(cells, column, isWhole)
  const isMoment = type === 'date' || type === 'datetime'
  const wide = cells.isWide[column] === 1 && (isMoment || isWhole)
  const show = showerOf(type, wide)
  if (count === 0) return { column: { type, missing, ...noStatistics }, notes: [noValues], isUnique: false }
  const described: Described = {
    type,
    missing,
    min: show(min),
    max: show(max),
    mean: isMoment ? null : mean,
    std: isMoment ? null : std,
    ...(type === 'boolean' ? {} : sketchOf(cells, column, { min, max, count, isWhole: isWhole && !isMoment, exact: wide }, show)),
    ...(wide ? { wide: true as const } : {}),
  }
  return { column: described, notes: valueNotes(cells, column, show), isUnique: isWhole && missing === 0 && max - min + 1 >= count }
}

/** How values of a column are shown: moments in words, numbers that are stored as float32 by the shortest decimals that are them. */
const showerOf = (type: StoredColumn['type'], wide: boolean): ((value: number) => number | string) => {
  if (type === 'date') return formatDate
  if (type === 'datetime') return formatDatetime
  return wide ? (value) => value : (value) => shortestFloat32(Math.fround(value))
}

const noStatistics = { min: null, max: null, mean: null, std: null }
const noValues = 'has no values: every cell is missing'

const valueType = ({ kinds: of, hasTime, declared }: ReadCells, column: number, isWhole: boolean): NonNullable<StoredColumn['type']> => {
  if (of[column] === kinds.moment) return hasTime[column] === 1 || declared[column] === 'datetime' ? 'datetime' : 'date'
  if (of[column] === kinds.boolean) return 'boolean'
  return declared[column] === 'number' || !isWhole ? 'number' : 'integer'
}

type SketchedValues = Parameters<ReadCells['sample']['sketch']>[1]

const sketchOf = (
  { names, sample }: ReadCells,
  column: number,
  known: SketchedValues,
  show: (value: number) => number | string,
): Pick<Described, 'quartiles' | 'histogram'> => {
  const sketch = names.length <= maxSketchedColumns ? sample.sketch(column, known) : undefined
  if (!sketch) return {}
  const { edges, counts } = sketch.histogram
  return { quartiles: sketch.quartiles.map(show), histogram: { edges: edges.map(show), counts } }
}

const valueNotes = (
  { statistics, thousands, rows, kinds: of }: ReadCells,
  column: number,
  show: (value: number) => number | string,
): string[] => {
  const { count, min, max, isSequence, isWhole } = statistics.of(column)
  const grouped = thousands.get(column)
  return [
    ...(min === max && count > 1 ? [`is constant: every value is ${show(min)}`] : []),
    ...(isSequence && isWhole && count === rows && rows > 2 && of[column] === kinds.number
      ? ['looks like an identifier: whole numbers that follow one another']
      : []),
    ...(grouped === undefined ? [] : [`has numbers with their thousands set apart, such as "${grouped}"`]),
    ...(isWhole && (max > Number.MAX_SAFE_INTEGER || min < Number.MIN_SAFE_INTEGER)
      ? ['has whole numbers beyond 2^53, which are kept rounded; declare it a category or text to keep every digit']
      : []),
  ]
}

const describeText = (cells: ReadCells, column: number): DescribedColumn => {
  const { statistics, declared, levels, rows } = cells
  const { missing } = statistics.of(column)
  const ordered = orderLevels(levels[column]?.list() ?? [])
  const reason = levels[column]?.whyUnstored()
  const count = ordered.levels.length
  const type = textType(declared[column], count, rows)
  const isShown = cells.names.length <= maxSketchedColumns
  const described: Described = {
    type,
    missing,
    ...noStatistics,
    ...(reason === undefined ? { levelCount: count, ...(isShown ? { levels: mostFrequent(ordered) } : {}) } : { stored: false as const }),
  }
  const isUnique = count === rows - missing && count > 2
  return { column: described, ordered, notes: notesOfText(cells, column, { ordered, type, reason, isUnique }), isUnique }
}

const textType = (declared: string | undefined, count: number, rows: number): 'category' | 'text' => {
  if (declared === 'category' || declared === 'text') return declared
  return count > 0 && count <= maxCategoryLevels && (count <= rows / 2 || count <= 2) ? 'category' : 'text'
}

type TextFacts = { ordered: OrderedLevels; type: 'category' | 'text'; reason: string | undefined; isUnique: boolean }

const notesOfText = (
  { statistics, declared, rows, marks, unit, misfits }: ReadCells,
  column: number,
  { ordered: { levels }, type, reason, isUnique }: TextFacts,
): string[] => {
  const [first] = levels
  const isOther = type === 'text' && declared[column] === undefined && !isUnique && first !== undefined
  const [count, all] = [levels.length, rows].map((value) => value.toLocaleString('en'))
  return [
    ...textNotes(levels, { marks, unit }, misfits.get(column)),
    ...(statistics.of(column).missing === rows ? [noValues] : []),
    ...(first && levels.length === 1 ? [`is constant: every value is "${first.text.slice(0, 60)}"`] : []),
    ...(reason === undefined ? [] : [`${reason}: it is listed, its values are not stored`]),
    ...(isUnique ? ['looks like an identifier: no two texts are the same'] : []),
    ...(isOther
      ? [`has ${count} different texts in ${all} rows: kept as text, which no job trains on unless it is declared a category`]
      : []),
  ]
}

const mostFrequent = ({ levels }: OrderedLevels): { value: string; count: number }[] => {
  const shown: { value: string; count: number }[] = []
  let characters = 0
  for (const { text, count } of [...levels].sort((a, b) => b.count - a.count).slice(0, shownLevels)) {
    characters += text.length
    if (characters > maxShownCharacters) break
    shown.push({ value: text, count })
  }
  return shown
}
