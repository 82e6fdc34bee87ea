/** Dates as numbers: days since 1970-01-01 in UTC, fractions for times. */

const msPerDay = 86_400_000

const pattern = /^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

/** The days of a date or a time in words, UTC unless it says otherwise; undefined if it is none. */
export const toDays = (text: string): number | undefined => {
  const parts = pattern.exec(text.trim())
  if (!parts) return undefined
  const [, year, month, day] = parts
  // JavaScript takes the 30th of February for the 2nd of March.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined
  const iso = text.trim().replaceAll('/', '-').replace(' ', 'T')
  const ms = Date.parse(iso.length === 10 || /(?:Z|[+-]\d\d:?\d\d)$/.test(iso.slice(10)) ? iso : `${iso}Z`)
  return Number.isNaN(ms) ? undefined : ms / msPerDay
}
