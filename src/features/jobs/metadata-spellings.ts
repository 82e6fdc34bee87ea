/** What a query's text may stand for in metadata: the same text, or the number that it spells. */
export const spellings = (value: string): (string | number)[] => {
  const number = Number(value)
  return value.trim() !== '' && Number.isFinite(number) ? [value, number] : [value]
}
