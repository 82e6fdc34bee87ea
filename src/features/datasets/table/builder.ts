/**
 * Builds a table out of cells that come one after the other: what each column holds, its statistics, and chunks of packed rows.
 * A column that turns out to be something else than its first cells made it has to be read again from the start, with `known`.
 */
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import { isStorable } from '../../../validation/storable-text.ts'
import { createBadRows } from './bad-rows.ts'
import { type CellError, createCellErrors, describeCell } from './cell-errors.ts'
import { hasThousands, kindOfCell, numberError, parseBoolean, shownText, textOf } from './cells.ts'
import { type Kind, kindOf, kinds } from './kinds.ts'
import { createLevels, type LevelBudget, type Levels, notText } from './levels.ts'
import { createMissingMarkers } from './missing.ts'
import { mayBeMoment, parseMoment } from './moments.ts'
import { hasLeadingZero, type NumberMarks, parseNumber, pointMarks } from './numbers.ts'
import { createRowPacker, isBeyondFloat32, type PackedRows } from './packing.ts'
import { createRowSample } from './row-sample.ts'
import { createRunningStatistics } from './running-statistics.ts'

/** A value as formats with types of their own have it. Dates are UTC. */
export type CellValue = number | string | boolean | bigint | Date | null | undefined

/** What an earlier reading has found out: what columns are, and the first cells that did not fit what came before them. */
export type Known = { kinds: Uint8Array; misfits: ReadonlyMap<number, Misfit> }
export type Misfit = { text: string; line: number; count: number }

export type BuilderOptions = {
  names: readonly string[]
  options?: Pick<UploadOptions, 'columns' | 'missing' | 'badRows'>
  marks?: NumberMarks
  known?: Known
  /** Gets full chunks in order; what it is given is used again afterwards. */
  emit: (packed: PackedRows) => void
}

/** Bytes of texts of all columns of one table. */
const levelBytes = 128 * 1024 * 1024

export const createTableBuilder = ({ names, options = {}, marks = pointMarks, known, emit }: BuilderOptions) => {
  const width = names.length
  const declared = names.map((name) => (options.columns && Object.hasOwn(options.columns, name) ? options.columns[name] : undefined))
  const kindsOf = Uint8Array.from(declared, (declaration, column) => kindOf(declaration) || (known?.kinds[column] ?? kinds.unknown))
  const isFixed = Uint8Array.from(declared, (declaration) => Number(kindOf(declaration) !== kinds.unknown))
  const row = new Float64Array(width)
  const budget: LevelBudget = { left: levelBytes }
  const levels: (Levels | undefined)[] = Array.from(kindsOf, (kind) => (kind === kinds.text ? createLevels(budget) : undefined))
  const markers = createMissingMarkers(options.missing)
  const statistics = createRunningStatistics(width)
  const sample = createRowSample(width)
  const errors = createCellErrors(names)
  const badRows = createBadRows(options.badRows)
  const misfits = new Map<number, Misfit>(known?.misfits)
  const hasTime = new Uint8Array(width)
  const thousands = new Map<number, string>()
  const integers = declared.flatMap((declaration, column) => (declaration === 'integer' ? [column] : []))
  /** What the row that comes in changes if nothing is wrong with it. */
  let wrong: CellError[] = []
  let settled: { column: number; kind: Kind }[] = []
  let unfit: { column: number; text: string }[] = []
  let fresh: Levels[] = []
  let mustReread = false
  let rows = 0
  let seen = 0

  const packer = createRowPacker(width, (packed) => {
    for (let column = 0; column < width; column++) {
      if (kindsOf[column] === kinds.text) levels[column]?.count(packed.values, column, width)
      if (kindsOf[column] === kinds.mixed) continue
      const place = packed.wide.columns.indexOf(column)
      if (place < 0) statistics.add(column, packed.values, column, width, packed.rows)
      else statistics.add(column, packed.wide.values, place, packed.wide.columns.length, packed.rows)
    }
    emit(packed)
  })

  /** A cell as bytes, without its quotes. The row's cells come in any order, each once. Only as text it keeps the spaces around it. */
  const cell = (column: number, bytes: Uint8Array, start: number, end: number): void => {
    let first = start
    let last = end
    while (first < last && (bytes[first] as number) <= space) first++
    while (first < last && (bytes[last - 1] as number) <= space) last--
    if (markers.isMissing(bytes, first, last)) row[column] = Number.NaN
    else if (kindsOf[column] === kinds.text) row[column] = readText(column, bytes, start, end)
    else row[column] = read(column, bytes, first, last)
  }

  const read = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    const kind = kindsOf[column] as Kind
    switch (kind) {
      case kinds.text:
        return readText(column, bytes, start, end)
      case kinds.number:
        return readNumber(column, bytes, start, end)
      case kinds.boolean: {
        const value = parseBoolean(bytes, start, end)
        return value === value ? value : refuse(column, bytes, start, end, 'not_a_boolean', 'which is neither true nor false')
      }
      case kinds.moment:
        return readMoment(column, bytes, start, end)
      case kinds.mixed:
        return Number.NaN
      case kinds.unknown:
        return readFirst(column, bytes, start, end)
    }
  }

  const readFirst = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    const kind = kindOfCell(bytes, start, end, marks)
    settled.push({ column, kind })
    if (kind === kinds.number) return readNumber(column, bytes, start, end)
    if (kind === kinds.boolean) return parseBoolean(bytes, start, end)
    if (kind === kinds.moment) return readMoment(column, bytes, start, end)
    return readText(column, bytes, start, end)
  }

  const readNumber = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    const value = parseNumber(bytes, start, end, marks)
    const isText = value !== value || (isFixed[column] === 0 && hasLeadingZero(bytes, start, end))
    if (isText && isFixed[column] === 0) return misfit(column, bytes, start, end)
    if (!Number.isFinite(Math.fround(value))) {
      wrong.push({ column, ...numberError(value, shownText(bytes, start, end), marks, width === 1) })
      return Number.NaN
    }
    if (!thousands.has(column) && hasThousands(bytes, start, end, marks)) thousands.set(column, shownText(bytes, start, end))
    return value
  }

  const readMoment = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    const moment = mayBeMoment(bytes, start, end) ? parseMoment(textOf(bytes, start, end)) : undefined
    if (!moment) return refuse(column, bytes, start, end, 'not_a_date', 'which is not a date such as 2012-01-31 or 2012-01-31T10:00:00Z')
    return takeMoment(column, moment.days, moment.hasTime, () => shownText(bytes, start, end))
  }

  const takeMoment = (column: number, days: number, withTime: boolean, text: () => string): number => {
    if (withTime && declared[column] === 'date')
      wrong.push({ column, code: 'not_a_date', is: 'which has a time: declare the column a datetime', value: text() })
    else if (withTime && hasTime[column] === 0) {
      hasTime[column] = 1
      packer.widen(column)
    }
    return days
  }

  const readText = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    const list = (levels[column] ??= createLevels(budget))
    const before = list.size()
    const code = list.code(bytes, start, end)
    if (list.size() !== before) fresh.push(list)
    if (code === notText) {
      const why =
        'which is no text that can be stored: it is not UTF-8 (if the file is in another encoding say which with ?charset=), or has NUL bytes'
      wrong.push({ column, code: 'text', is: why, value: shownText(bytes, start, end).replaceAll('\0', '\\0') })
    }
    return code
  }

  const refuse = (column: number, bytes: Uint8Array, start: number, end: number, code: string, is: string): number => {
    if (isFixed[column] === 0) return misfit(column, bytes, start, end)
    wrong.push({ column, code, is, value: shownText(bytes, start, end) })
    return Number.NaN
  }

  const misfit = (column: number, bytes: Uint8Array, start: number, end: number): number => {
    unfit.push({ column, text: shownText(bytes, start, end) })
    return Number.NaN
  }

  /** A cell as a value. A text is never a number, but may be a date. */
  const value = (column: number, given: CellValue): void => {
    if (given === null || given === undefined) row[column] = Number.NaN
    else if (typeof given === 'number' || typeof given === 'bigint') row[column] = takeNumber(column, Number(given))
    else row[column] = takeOther(column, given)
  }

  const takeNumber = (column: number, number: number): number => {
    const kind = kindsOf[column] as Kind
    if (number !== number) return Number.NaN
    if (kind === kinds.unknown) settled.push({ column, kind: kinds.number })
    if (kind !== kinds.unknown && kind !== kinds.number) return takeText(column, String(number))
    if (Number.isFinite(Math.fround(number))) return number
    wrong.push({ column, code: 'not_finite', is: 'which a float32 cannot hold', value: String(number) })
    return Number.NaN
  }

  const takeOther = (column: number, given: string | boolean | Date): number => {
    const kind = kindsOf[column] as Kind
    if (typeof given === 'boolean') {
      if (kind === kinds.unknown) settled.push({ column, kind: kinds.boolean })
      return kind === kinds.unknown || kind === kinds.boolean ? Number(given) : takeText(column, String(given))
    }
    if (typeof given === 'string') return takeText(column, given)
    if (kind === kinds.unknown) settled.push({ column, kind: kinds.moment })
    if (kind !== kinds.unknown && kind !== kinds.moment) return takeText(column, given.toISOString())
    const days = given.getTime() / 86_400_000
    return takeMoment(column, days, !Number.isInteger(days), () => given.toISOString())
  }

  const takeText = (column: number, text: string): number => {
    const bytes = Buffer.from(isStorable(text) ? text : '\0')
    if (markers.isMissing(bytes, 0, bytes.length)) return Number.NaN
    if (kindsOf[column] !== kinds.unknown) return read(column, bytes, 0, bytes.length)
    const isMoment = mayBeMoment(bytes, 0, bytes.length) && parseMoment(text)
    settled.push({ column, kind: isMoment ? kinds.moment : kinds.text })
    return isMoment ? readMoment(column, bytes, 0, bytes.length) : readText(column, bytes, 0, bytes.length)
  }

  /** Ends a row, of which every cell was given; `line` is where it began. */
  const endRow = (line: number): void => {
    seen++
    for (const column of integers) if (!isWholeOrMissing(row[column] as number)) wrong.push(notWhole(column))
    if (markers.numbers.length > 0) dropNumericMarkers()
    if (fresh.length > 0) fresh = settleLevels(fresh, line)
    if (wrong.length > 0) return endWrongRow(line)
    if (settled.length > 0 || unfit.length > 0) settle(line)
    for (let column = 0; column < width; column++)
      if (isBeyondFloat32(row[column] as number) && packer.isWide[column] === 0) takeLarge(column)
    rows++
    sample.offer(row)
    packer.add(row)
  }

  /** A row that cannot be read: leaves it out if that is allowed, else says why. */
  const badRow = (line: number, message: string): void => {
    seen++
    forget()
    badRows.add(line, message)
  }

  const endWrongRow = (line: number): void => {
    const [first] = wrong
    if (badRows.areAllowed && first) badRows.add(line, describeCell(first, names, line))
    else for (const error of wrong) errors.add(error, seen - 1, line)
    forget()
  }

  const forget = (): void => {
    wrong = []
    settled = []
    unfit = []
  }

  const settle = (line: number): void => {
    for (const { column, kind } of settled) kindsOf[column] = kind
    for (const { column, text } of unfit) {
      const before = misfits.get(column)
      misfits.set(column, before ? { ...before, count: before.count + 1 } : { text, line, count: 1 })
      kindsOf[column] = kinds.mixed
      mustReread = true
    }
    forget()
  }

  const takeLarge = (column: number): void => {
    if (kindsOf[column] === kinds.number && statistics.isBroken[column] === 0 && Number.isInteger(row[column])) packer.widen(column)
  }

  const dropNumericMarkers = (): void => {
    for (let column = 0; column < width; column++)
      if (kindsOf[column] === kinds.number && markers.numbers.includes(row[column] as number)) row[column] = Number.NaN
  }

  const notWhole = (column: number): CellError => ({
    column,
    code: 'not_an_integer',
    is: 'which is not whole: declare the column a number',
    value: String(row[column]),
  })

  /** What an earlier reading leaves to know: columns that were mixed are text. */
  const learned = (): Known => ({
    kinds: kindsOf.map((kind) => (kind === kinds.mixed ? kinds.text : kind)),
    misfits,
  })

  /** Ends the table. `mustReread` if its rows have to be read again with what was `learned`, since a column was mixed. */
  const finish = () => {
    packer.flush()
    // What was too large to be a number was written among words.
    const wasNumber = (column: number): boolean => kindsOf[column] === kinds.text && errors.has(column, 'not_finite') && !isFixed[column]
    const isUndone = (column: number): boolean => kindsOf[column] === kinds.mixed || wasNumber(column)
    return {
      names,
      rows,
      declared,
      kinds: kindsOf,
      levels,
      statistics,
      sample,
      hasTime,
      isWide: packer.isWide,
      misfits,
      thousands,
      marks,
      badRows: badRows.finish(seen),
      errors: errors.toErrors((column) => !isUndone(column)),
      mustReread: mustReread || names.some((_, column) => wasNumber(column)),
      learned,
    }
  }

  return {
    kinds: kindsOf,
    row,
    width,
    cell,
    value,
    endRow,
    badRow,
    mustReread: () => mustReread,
    learned,
    finish,
    areBadRowsAllowed: badRows.areAllowed,
  }
}

/** It, and the control characters below it. */
const space = 0x20

export type TableBuilder = ReturnType<typeof createTableBuilder>
/** All that is known of a table once its cells have been read. */
export type ReadCells = ReturnType<TableBuilder['finish']>

const isWholeOrMissing = (value: number): boolean => value !== value || Number.isInteger(value)

const settleLevels = (fresh: readonly Levels[], line: number): [] => {
  for (const list of fresh) list.sawNew(line)
  return []
}
