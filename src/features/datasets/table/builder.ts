/**
 * Builds a table out of cells that come one after the other: what each column holds, its statistics, and chunks of packed rows.
 * A column that turns out to be something else than its first cells made it has to be read again from the start, with `known`.
 */
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import { createBadRows } from './bad-rows.ts'
import { type CellContext, createByteCells } from './byte-cells.ts'
import { type CellError, createCellErrors, describeCell, type PlaceUnit } from './cell-errors.ts'
import { kindOf, kinds } from './kinds.ts'
import { createMissingMarkers } from './missing.ts'
import { type NumberMarks, pointMarks } from './numbers.ts'
import { createRowPacker, isBeyondFloat32, type PackedRows } from './packing.ts'
import { createRowChanges, type Misfit } from './row-changes.ts'
import { createRowSample } from './row-sample.ts'
import { createRunningStatistics } from './running-statistics.ts'
import { type CellValue, createTypedCells } from './typed-cells.ts'

/** What an earlier reading has found out: what columns are, and the first cells that did not fit what came before them. */
export type Known = { kinds: Uint8Array; misfits: ReadonlyMap<number, Misfit> }

export type BuilderOptions = {
  names: readonly string[]
  options?: Pick<UploadOptions, 'columns' | 'missing' | 'badRows'>
  marks?: NumberMarks
  known?: Known
  unit?: PlaceUnit
  /** Gets full chunks in order; what it is given is used again afterwards. */
  emit: (packed: PackedRows) => void
}

export const createTableBuilder = ({ names, options = {}, marks = pointMarks, known, unit = 'line', emit }: BuilderOptions) => {
  const width = names.length
  const declared = names.map((name) => (options.columns && Object.hasOwn(options.columns, name) ? options.columns[name] : undefined))
  const kindsOf = Uint8Array.from(declared, (declaration, column) => kindOf(declaration) || (known?.kinds[column] ?? kinds.unknown))
  const row = new Float64Array(width)
  const markers = createMissingMarkers(options.missing)
  const statistics = createRunningStatistics(width)
  const sample = createRowSample(width)
  const errors = createCellErrors(names, unit)
  const badRows = createBadRows(options.badRows)
  const changes = createRowChanges(kindsOf, known?.misfits)
  const integers = declared.flatMap((declaration, column) => (declaration === 'integer' ? [column] : []))
  let rows = 0
  let seen = 0

  const packer = createRowPacker(width, (packed) => {
    for (let column = 0; column < width; column++) count(packed, column)
    emit(packed)
  })
  const context: CellContext = { kinds: kindsOf, declared, marks, markers, changes, widen: packer.widen }
  const bytes = createByteCells(context)
  const values = createTypedCells(context, bytes)

  /** Takes what is known of a column's values in packed rows. */
  const count = (packed: PackedRows, column: number): void => {
    if (kindsOf[column] === kinds.mixed) return
    if (kindsOf[column] === kinds.text) bytes.levels[column]?.count(packed.values, column, width)
    const place = packed.wide.columns.indexOf(column)
    if (place < 0) statistics.add(column, packed.values, { at: column, step: width, rows: packed.rows })
    else statistics.add(column, packed.wide.values, { at: place, step: packed.wide.columns.length, rows: packed.rows })
  }

  /** A cell as bytes, without its quotes. The row's cells come in any order, each once. */
  const cell = (column: number, from: Uint8Array, start: number, end: number): void => {
    row[column] = bytes.read(column, from, start, end)
  }

  /** A cell as a value. */
  const value = (column: number, given: CellValue): void => {
    row[column] = values.read(column, given)
  }

  /** A cell as a moment in days since 1970-01-01. */
  const moment = (column: number, days: number | null | undefined): void => {
    row[column] = values.readDays(column, days)
  }

  /** Ends a row, of which every cell was given; `line` is where it began. */
  const endRow = (line: number): void => {
    seen++
    if (integers.length > 0) checkIntegers()
    if (markers.numbers.length > 0) dropNumericMarkers()
    changes.tellLine(line)
    if (changes.wrong().length > 0) {
      endWrongRow(line, changes.wrong())
      return
    }
    changes.apply(line)
    for (let column = 0; column < width; column++)
      if (isBeyondFloat32(row[column] as number) && packer.isWide[column] === 0) takeLarge(column)
    rows++
    sample.offer(row)
    packer.add(row)
  }

  /** A row that cannot be read: leaves it out if that is allowed; else whoever found it says why. */
  const badRow = (line: number, message: string): void => {
    seen++
    changes.tellLine(line)
    changes.forget()
    badRows.add(line, message)
  }

  const endWrongRow = (line: number, wrong: readonly CellError[]): void => {
    const [first] = wrong
    if (badRows.areAllowed && first) badRows.add(line, describeCell(first, names, line, unit))
    else for (const error of wrong) errors.add(error, seen - 1, line)
    changes.forget()
  }

  const takeLarge = (column: number): void => {
    if (kindsOf[column] === kinds.number && statistics.isBroken[column] === 0 && Number.isInteger(row[column])) packer.widen(column)
  }

  const dropNumericMarkers = (): void => {
    for (let column = 0; column < width; column++)
      if (kindsOf[column] === kinds.number && markers.numbers.includes(row[column] as number)) row[column] = Number.NaN
  }

  const checkIntegers = (): void => {
    for (const column of integers) {
      const value = row[column] as number
      if (!Number.isNaN(value) && !Number.isInteger(value))
        changes.refuse({ column, code: 'not_an_integer', is: 'which is not whole: declare the column a number', value: String(value) })
    }
  }

  // What was too large to be a number was written among words.
  const wasNumber = (column: number): boolean =>
    kindsOf[column] === kinds.text && errors.has(column, 'not_finite') && !bytes.isFixed(column)

  const mustReread = (): boolean => changes.isMixed() || (!errors.isEmpty() && names.some((_, column) => wasNumber(column)))

  /** What this reading leaves to know: columns that were mixed are text. */
  const learned = (): Known => ({
    kinds: kindsOf.map((kind) => (kind === kinds.mixed ? kinds.text : kind)),
    misfits: changes.misfits,
  })

  /** Ends the table. `mustReread` if its rows have to be read again with what was `learned`, since a column was mixed. */
  const finish = () => {
    packer.flush()
    return {
      names,
      rows,
      declared,
      kinds: kindsOf,
      levels: bytes.levels,
      statistics,
      sample,
      hasTime: bytes.hasTime,
      isWide: packer.isWide,
      misfits: changes.misfits,
      thousands: bytes.thousands,
      marks,
      unit,
      badRows: badRows.finish(seen),
      errors: errors.toErrors((column) => kindsOf[column] !== kinds.mixed && !wasNumber(column)),
      mustReread: mustReread(),
      learned,
    }
  }

  const { areAllowed: areBadRowsAllowed } = badRows
  return { kinds: kindsOf, row, width, cell, value, moment, endRow, badRow, mustReread, learned, finish, areBadRowsAllowed }
}

export type TableBuilder = ReturnType<typeof createTableBuilder>
/** All that is known of a table once its cells have been read. */
export type ReadCells = ReturnType<TableBuilder['finish']>
