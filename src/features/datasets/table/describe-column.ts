/** What one column is, once all of its cells have been read. */
import type { StoredColumn } from '../../../api/column.schema.ts'
import { shownLevels } from '../../../contracts/table-limits.ts'
import { present } from '../../../numerics/must.ts'
import type { ReadCells } from './builder.ts'
import { kinds } from './kinds.ts'
import { type OrderedLevels, orderLevels } from './level-order.ts'
import { formatDate, formatDatetime } from './moments.ts'
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

const describeValues = (cells: ReadCells, column: number): DescribedColumn => {
  const { statistics, sample, declared, kinds: of } = cells
  const known = statistics.of(column)
  const { missing, count, min, max, mean, std, isWhole } = known
  const isMoment = of[column] === kinds.moment
  const hasTime = cells.hasTime[column] === 1 || declared[column] === 'datetime'
  const type: NonNullable<StoredColumn['type']> = isMoment
    ? hasTime
      ? 'datetime'
      : 'date'
    : of[column] === kinds.boolean
      ? 'boolean'
      : numberType(declared[column], isWhole)
  const wide = cells.isWide[column] === 1 && (isMoment || isWhole)
  const show = (value: number): number | string => (isMoment ? (hasTime ? formatDatetime : formatDate)(value) : value)
  if (count === 0) return { column: { type, missing, min: null, max: null, mean: null, std: null }, notes: [noValues], isUnique: false }
  const isSketched = cells.names.length <= maxSketchedColumns
  const sketch = isSketched ? sample.sketch(column, { min, max, count, isWhole: isWhole && !isMoment, exact: wide }) : undefined
  const described = {
    type,
    missing,
    min: show(min),
    max: show(max),
    mean: isMoment ? null : mean,
    std: isMoment ? null : std,
    ...(sketch && type !== 'boolean'
      ? {
          quartiles: sketch.quartiles.map(show),
          histogram: { edges: sketch.histogram.edges.map(show), counts: sketch.histogram.counts },
        }
      : {}),
    ...(wide ? { wide: true as const } : {}),
  }
  return { column: described, notes: valueNotes(cells, column, show), isUnique: isWhole && missing === 0 && max - min + 1 >= count }
}

const numberType = (declared: string | undefined, isWhole: boolean): 'number' | 'integer' =>
  declared === 'number' || !isWhole ? 'number' : 'integer'

const noValues = 'has no values: every cell is missing'

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
  const { statistics, declared, levels, rows, marks, unit, misfits } = cells
  const said = declared[column]
  const { missing } = statistics.of(column)
  const list = levels[column]
  const ordered = orderLevels(list?.list() ?? [])
  const reason = list?.whyUnstored()
  const count = ordered.levels.length
  const isFew = count <= maxCategoryLevels && (count <= rows / 2 || count <= 2) && reason === undefined && count > 0
  const type = said === 'category' || said === 'text' ? said : isFew ? 'category' : 'text'
  const described = {
    type,
    missing,
    min: null,
    max: null,
    mean: null,
    std: null,
    ...(reason === undefined ? { levelCount: count } : { stored: false as const }),
    ...(cells.names.length <= maxSketchedColumns && reason === undefined ? { levels: mostFrequent(ordered) } : {}),
  } satisfies Omit<StoredColumn, 'name' | 'role'>
  const values = rows - missing
  const isUnique = count === values && count > 2
  const notes = [
    ...textNotes(ordered.levels, { marks, unit }, misfits.get(column)),
    ...(values === 0 ? [noValues] : count === 1 ? [`is constant: every value is "${present(ordered.levels[0]).text.slice(0, 60)}"`] : []),
    ...(reason === undefined ? [] : [`${reason}: it is listed, its values are not stored`]),
    ...(isUnique ? ['looks like an identifier: no two texts are the same'] : []),
    ...(type === 'text' && said === undefined && !isUnique && count > 0
      ? [
          `has ${count.toLocaleString('en')} different texts in ${rows.toLocaleString('en')} rows: kept as text, which no job trains on unless it is declared a category`,
        ]
      : []),
  ]
  return { column: described, ordered, notes, isUnique }
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
