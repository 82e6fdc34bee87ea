/** Cells as bytes, each read as what its column holds so far, and as what the first one makes of it. */
import type { ColumnDeclaration } from '../../../api/upload-options.schema.ts'
import { hasThousands, kindOfCell, numberError, parseBoolean, shownText, textOf } from './cells.ts'
import { type Kind, kinds } from './kinds.ts'
import { createLevels, type LevelBudget, type Levels, notText } from './levels.ts'
import type { MissingMarkers } from './missing.ts'
import { mayBeMoment, parseMoment } from './moments.ts'
import { hasLeadingZero, type NumberMarks, parseNumber } from './numbers.ts'
import type { RowChanges } from './row-changes.ts'

export type CellContext = {
  /** Of each column; changes as rows are kept. */
  kinds: Uint8Array
  declared: readonly (ColumnDeclaration | undefined)[]
  marks: NumberMarks
  markers: MissingMarkers
  changes: RowChanges
  /** Told once of a column whose moments have a time, which a float32 does not hold. */
  widen: (column: number) => void
}

/** Bytes of texts of all columns of one table. */
const levelBytes = 128 * 1024 * 1024

export const createByteCells = ({ kinds: kindsOf, declared, marks, markers, changes, widen }: CellContext) => {
  const width = declared.length
  const budget: LevelBudget = { left: levelBytes }
  const levels: (Levels | undefined)[] = declared.map(() => undefined)
  const hasTime = new Uint8Array(width)
  /** A number of the column that was written with something between its thousands. */
  const thousands = new Map<number, string>()
  const isFixed = (column: number): boolean => declared[column] !== undefined && declared[column] !== 'ignore'

  /** What a cell stands for, without its quotes; NaN if it is missing. Only as text it keeps the spaces around it. */
  const read = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    let first = start
    let last = end
    while (first < last && isSpace(bytes[first])) first++
    while (first < last && isSpace(bytes[last - 1])) last--
    if (markers.isMissing(bytes, first, last)) return Number.NaN
    const kind = kindsOf[column] === kinds.unknown ? settle(column, kindOfCell(bytes, first, last, marks)) : (kindsOf[column] as Kind)
    return kind === kinds.text ? readText(column, bytes, start, end) : readAs(kind, column, bytes, first, last)
  }

  const readAs = (kind: Kind, column: number, bytes: Uint8Array, start: number, end: number): number => {
    switch (kind) {
      case kinds.text:
        return readText(column, bytes, start, end)
      case kinds.number:
        return readNumber(column, bytes, start, end)
      case kinds.boolean:
        return readBoolean(column, bytes, start, end)
      case kinds.moment:
        return readMoment(column, bytes, start, end)
      case kinds.mixed:
        return Number.NaN
      case kinds.unknown:
        return readFirst(kindOfCell(bytes, start, end, marks), column, bytes, start, end)
    }
  }

  /** A first cell of a column, which settles what it is. */
  const readFirst = (kind: Kind, column: number, bytes: Uint8Array, start: number, end: number): number =>
    readAs(settle(column, kind), column, bytes, start, end)

  const settle = (column: number, kind: Kind): Kind => {
    changes.settle(column, kind)
    return kind
  }

  const readNumber = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    const value = parseNumber(bytes, start, end, marks)
    const isText = Number.isNaN(value) || (!isFixed(column) && hasLeadingZero(bytes, start, end))
    if (isText && !isFixed(column)) return misfit(column, bytes, start, end)
    if (!Number.isFinite(Math.fround(value))) {
      changes.refuse({ column, ...numberError(value, shownText(bytes, start, end), marks, width === 1) })
      return Number.NaN
    }
    if (!thousands.has(column) && hasThousands(bytes, start, end, marks)) thousands.set(column, shownText(bytes, start, end))
    return value
  }

  const readBoolean = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    const value = parseBoolean(bytes, start, end)
    if (!Number.isNaN(value)) return value
    // Only a declaration makes a yes or no of a number.
    const number = isFixed(column) ? parseNumber(bytes, start, end, marks) : Number.NaN
    return number === 0 || number === 1
      ? number
      : refuse(column, bytes, start, end, 'not_a_boolean', 'which is neither true nor false, 1 nor 0')
  }

  const readMoment = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    const moment = mayBeMoment(bytes, start, end) ? parseMoment(textOf(bytes, start, end)) : undefined
    if (!moment) return refuse(column, bytes, start, end, 'not_a_date', 'which is not a date such as 2012-01-31 or 2012-01-31T10:00:00Z')
    return takeMoment(column, moment.days, moment.hasTime, () => shownText(bytes, start, end))
  }

  /** Days of a moment, and whether a time was said; `text` is how it was written. */
  const takeMoment = (column: number, days: number, withTime: boolean, text: () => string): number => {
    if (withTime && declared[column] === 'date')
      changes.refuse({ column, code: 'not_a_date', is: 'which has a time: declare the column a datetime', value: text() })
    else if (withTime && hasTime[column] === 0) {
      hasTime[column] = 1
      widen(column)
    }
    return days
  }

  const readText = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    const list = levels[column] ?? createLevels(budget)
    levels[column] = list
    const before = list.size()
    const code = list.code(bytes, start, end)
    if (list.size() !== before) changes.sawNew(list)
    if (code === notText)
      changes.refuse({ column, code: 'text', is: whyNoText, value: shownText(bytes, start, end).replaceAll('\0', '\\0') })
    return code
  }

  const refuse = (column: number, bytes: Uint8Array, start: number, end: number, code: string, is: string): number => {
    if (!isFixed(column)) return misfit(column, bytes, start, end)
    changes.refuse({ column, code, is, value: shownText(bytes, start, end) })
    return Number.NaN
  }

  const misfit = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    changes.misfit(column, shownText(bytes, start, end))
    return Number.NaN
  }

  return { read, readFirst, takeMoment, levels, hasTime, thousands, isFixed }
}

export type ByteCells = ReturnType<typeof createByteCells>

/** Spaces, tabs and the ends of lines; other control characters are part of a text. */
const isSpace = (byte = 0): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)

const whyNoText =
  'which is no text that can be stored: it is not UTF-8 (if the file is in another encoding say which with ?charset=), or has NUL bytes'
