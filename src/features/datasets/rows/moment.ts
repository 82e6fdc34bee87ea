const millisecondsPerDay = 86_400_000

/** Days since 1970-01-01 UTC in words (RFC 3339), milliseconds only if there are some; null for what no calendar has. */
export const momentOf = (days: number, type: 'date' | 'datetime'): string | null => {
  const moment = new Date(Math.round(days * millisecondsPerDay))
  if (Number.isNaN(moment.getTime())) return null
  const text = moment.toISOString()
  return type === 'date' ? text.slice(0, text.indexOf('T')) : text.replace('.000Z', 'Z')
}
