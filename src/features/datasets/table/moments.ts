/** Dates and times as days since 1970-01-01 UTC, out of text and into it. */

/** Milliseconds of a day. */
const dayMs = 86_400_000
/** The last day that the calendar of JavaScript knows; as many before 1970 it knows too. */
export const lastDay = 1e8

/** A moment in days, and whether a time of day was written with it. */
export type Moment = { days: number; hasTime: boolean }

const pattern = /^(\d{4})([-/])(\d{2})\2(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[-+]\d{2}(?::?\d{2})?)?)?$/i

/**
 * `2012-01-31`, `2012/01/31`, or ISO 8601 with a time: `2012-01-31T10:00:00.5+02:00`, also with a space for the T. A time without
 * a zone is UTC, and a leap second (`23:59:60`) the second after it. Undefined for anything else, and for days that no calendar has.
 */
export const parseMoment = (text: string): Moment | undefined => {
  const [, year, , month, day, hour, minute, second = '0', fraction = '', zone] = pattern.exec(text) ?? []
  if (year === undefined || month === undefined || day === undefined) return undefined
  const midnight = dateOf(Number(year), Number(month), Number(day))
  if (midnight === undefined) return undefined
  if (hour === undefined || minute === undefined) return { days: midnight / dayMs, hasTime: false }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  const offset = offsetOf(zone)
  if (offset === undefined) return undefined
  // A leap second comes after 23:59:59 in UTC, and has no number of its own: it is the next second, as in POSIX.
  const minuteOfDay = Number(hour) * 60 + Number(minute) - offset
  if (Number(second) === 60 && (minuteOfDay + 1) % 1440 !== 0) return undefined
  const seconds = Number(hour) * 3600 + (Number(minute) - offset) * 60 + Number(second)
  // In microseconds, so that a day's fraction is rounded once.
  const micros = midnight * 1000 + seconds * 1e6 + Math.round(Number(`0.${fraction || 0}`) * 1e6)
  return { days: micros / (dayMs * 1000), hasTime: true }
}

/** True if text may be a moment: it begins as one. Cheaper than to parse it. */
export const mayBeMoment = (bytes: Uint8Array, start: number, end: number): boolean => {
  const length = end - start
  if (length < 10 || length > 40) return false
  const separator = bytes[start + 4]
  return (separator === 0x2d || separator === 0x2f) && bytes[start + 7] === separator
}

/** Days as `2012-01-31`. */
export const formatDate = (days: number): string => isoOf(days * dayMs).slice(0, -14)

/** Days as `2012-01-31T10:00:00Z`, with as many digits of the second as it takes, up to six. */
export const formatDatetime = (days: number): string => {
  const micros = Math.round(days * dayMs * 1000)
  const seconds = Math.floor(micros / 1e6)
  const digits = String(micros - seconds * 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${isoOf(seconds * 1000).slice(0, -5)}${digits === '' ? '' : `.${digits}`}Z`
}

/** Milliseconds in words; a year beyond what the calendar of JavaScript knows is shown as its last. */
const isoOf = (milliseconds: number): string =>
  new Date(Math.max(-lastDay * dayMs, Math.min(lastDay * dayMs, Math.round(milliseconds)))).toISOString()

const dateOf = (year: number, month: number, day: number): number | undefined => {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined
}

/** Minutes east of UTC. */
const offsetOf = (zone: string | undefined): number | undefined => {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || 0)
  if (hours > 18 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
