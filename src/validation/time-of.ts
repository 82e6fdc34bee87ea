/** Milliseconds of a time of RFC 3339, in whichever of its spellings; a leap second is the second before it. NaN of what is no time. */
export const timeOf = (text: string): number =>
  Date.parse(
    text
      .toUpperCase()
      .replace(/\s/, 'T')
      .replace(/:60(?=[.Z+-])/, ':59')
      .replace(/([+-]\d\d)$/, '$1:00'),
  )
