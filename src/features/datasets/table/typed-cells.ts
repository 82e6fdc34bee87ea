/** Cells as values, as formats with types of their own have them. */
import { isStorable } from '../../../validation/storable-text.ts'
import type { ByteCells, CellContext } from './byte-cells.ts'
import { type Kind, kinds } from './kinds.ts'
import { formatDate, formatDatetime, lastDay, mayBeMoment, parseMoment } from './moments.ts'

/** A value of a cell. Dates are UTC. */
export type CellValue = number | string | boolean | bigint | Date | null | undefined

const dayMs = 86_400_000

export const createTypedCells = ({ kinds: kindsOf, markers, changes }: CellContext, bytes: ByteCells) => {
  /** What a value stands for; NaN if it is missing. A text is never a number, but may be a date. */
  const read = (column: number, given: CellValue): number => {
    if (given === null || given === undefined) return Number.NaN
    if (typeof given === 'number') return readNumber(column, given)
    // As a text it keeps every digit.
    if (typeof given === 'bigint')
      return kindsOf[column] === kinds.text ? readText(column, String(given)) : readNumber(column, Number(given))
    if (typeof given === 'string') return readText(column, given)
    return typeof given === 'boolean' ? readBoolean(column, given) : readDate(column, given)
  }

  /** True if a column holds values of this kind, which it does from its first one on. */
  const holds = (column: number, kind: Kind): boolean => {
    if (kindsOf[column] === kinds.unknown) changes.settle(column, kind)
    return kindsOf[column] === kinds.unknown || kindsOf[column] === kind
  }

  const readNumber = (column: number, value: number): number => {
    if (Number.isNaN(value)) return Number.NaN
    if (!holds(column, kinds.number)) return readText(column, String(value))
    if (Number.isFinite(Math.fround(value))) return value
    changes.refuse({ column, code: 'not_finite', is: 'which a float32 cannot hold', value: String(value) })
    return Number.NaN
  }

  const readBoolean = (column: number, value: boolean): number =>
    holds(column, kinds.boolean) ? Number(value) : readText(column, String(value))

  const readDate = (column: number, date: Date): number => {
    if (Number.isNaN(date.getTime())) return Number.NaN
    if (!holds(column, kinds.moment)) return readText(column, date.toISOString())
    const days = date.getTime() / dayMs
    return bytes.takeMoment(column, days, !Number.isInteger(days), () => date.toISOString())
  }

  /** What a moment in days since 1970-01-01 stands for. */
  const readDays = (column: number, days: number | null | undefined): number => {
    if (days === null || days === undefined || Number.isNaN(days)) return Number.NaN
    if (!Number.isFinite(days) || kindsOf[column] === kinds.number) return readNumber(column, days)
    // What no calendar has in words would be shown as another day.
    if (Math.abs(days) > lastDay) return readText(column, `${days} days from 1970-01-01`)
    const text = (): string => (Number.isInteger(days) ? formatDate(days) : formatDatetime(days))
    return holds(column, kinds.moment) ? bytes.takeMoment(column, days, !Number.isInteger(days), text) : readText(column, text())
  }

  const readText = (column: number, text: string): number => {
    // What cannot be stored is refused as any such text is.
    const cell = Buffer.from(isStorable(text) ? text : '\0')
    if (kindsOf[column] !== kinds.unknown || markers.isMissing(cell, 0, cell.length)) return bytes.read(column, cell, 0, cell.length)
    const isMoment = mayBeMoment(cell, 0, cell.length) && parseMoment(text) !== undefined
    return bytes.readFirst(isMoment ? kinds.moment : kinds.text, column, cell, 0, cell.length)
  }

  return { read, readDays }
}
