/** What the texts of a column tell: why it is none of numbers or dates. */

import type { PlaceUnit } from './cell-errors.ts'
import type { Level } from './levels.ts'
import { mayBeMoment, parseMoment } from './moments.ts'
import { hasLeadingZero, type NumberMarks, parseNumber } from './numbers.ts'
import type { Misfit } from './row-changes.ts'

/** Share of a column's cells that are numbers from which on the others are told of. */
const mostly = 0.8
/** Texts that a note quotes. */
const quoted = 3

/** Why a column of texts is no column of numbers or dates, if it looks as if it should be one. */
export const textNotes = (
  levels: readonly Level[],
  { marks, unit }: { marks: NumberMarks; unit: PlaceUnit },
  misfit: Misfit | undefined,
): string[] => {
  const quote = (level: Level): string => quoteAt(level, unit)
  const kinds = levels.map((level) => ({ ...level, is: kindOfText(level.text, marks) }))
  const of = (...wanted: string[]) => kinds.filter(({ is }) => wanted.includes(is))
  const all = countOf(kinds)
  const [padded] = of('padded')
  const unclear = of('unclear date')
  if (padded && countOf(of('padded', 'number')) === all)
    return [`has numbers with leading zeros, such as ${quote(padded)}: kept as text; declare it a number if they are numbers`]
  if (all > 0 && countOf(unclear) >= mostly * all && unclear[0])
    return [`looks like dates in an unclear order, such as ${quote(unclear[0])}: kept as text; write YYYY-MM-DD`]
  const [spaced] = of('spaced')
  if (spaced && countOf(of('spaced', 'number')) >= mostly * all)
    return [`has numbers with spaces in them, such as ${quote(spaced)}: kept as text; write them without`]
  const others = of('other', 'date', 'unclear date', 'spaced')
  if (others.length > 0 && countOf(of('number', 'padded')) >= mostly * all) return [notThose(others, quote, 'number')]
  const dates = of('date')
  const notDates = kinds.filter(({ is }) => is !== 'date')
  if (notDates.length > 0 && countOf(dates) >= mostly * all) return [notThose(notDates, quote, 'date')]
  // Of a column whose texts are not kept, only the first that did not fit is known.
  return levels.length === 0 && misfit
    ? [
        `has values that do not fit the others, such as "${misfit.text}" (${unit} ${misfit.line}); declare what the column is with badRows, or name them in missing`,
      ]
    : []
}

const notThose = (others: readonly Level[], quote: (level: Level) => string, wanted: 'number' | 'date'): string => {
  const count = countOf(others)
  const first = [...others].sort((a, b) => a.line - b.line).slice(0, quoted)
  const listed = first.map(quote).join(', ') + (others.length > first.length ? ', …' : '')
  const are = count === 1 ? `value is not a ${wanted}` : `values are not ${wanted}s`
  return `${count} ${are}: ${listed}; declare it as ${wanted} with badRows, or name them in missing`
}

type TextKind = 'number' | 'padded' | 'spaced' | 'date' | 'unclear date' | 'other'

const kindOfText = (text: string, marks: NumberMarks): TextKind => {
  if (!/^[-+.,\d\s]/.test(text)) return 'other'
  const bytes = Buffer.from(text)
  if (mayBeMoment(bytes, 0, bytes.length) && parseMoment(text)) return 'date'
  if (/^\d{1,2}([/.-])\d{1,2}\1\d{2,4}(?:[ T]|$)/.test(text)) return 'unclear date'
  if (!Number.isFinite(parseNumber(bytes, 0, bytes.length, marks))) return isSpaced(text, marks) ? 'spaced' : 'other'
  return hasLeadingZero(bytes, 0, bytes.length) ? 'padded' : 'number'
}

/** True for a number with spaces around it or between its thousands, no-break and thin ones among them. */
const isSpaced = (text: string, marks: NumberMarks): boolean => {
  if (!/^\s*[-+]?\s*(?:\d{1,3}(?:\s\d{3})+|\d+)(?:[.,]\d+)?\s*$/.test(text)) return false
  const bytes = Buffer.from(text.replace(/\s/g, ''))
  return Number.isFinite(parseNumber(bytes, 0, bytes.length, marks))
}

const countOf = (levels: readonly Pick<Level, 'count'>[]): number => levels.reduce((sum, { count }) => sum + count, 0)

const quoteAt = ({ text, line }: Level, unit: PlaceUnit): string =>
  `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}" (${unit} ${line})`
