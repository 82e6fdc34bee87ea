/** A moment of RFC 3339, in whichever of its spellings; a leap second is the second before it, what lies before 1970 is over all the same. */
export const toMoment = (text: string): Date => {
  const plain = text
    .toUpperCase()
    .replace(/\s/, 'T')
    .replace(/:60(?=[.Z+-])/, ':59')
    .replace(/([+-]\d\d)$/, '$1:00')
  return new Date(Math.max(0, Date.parse(plain)))
}
