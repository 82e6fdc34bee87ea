/** The same JSON value with the keys of each of its objects in one order: objects have none, and clients write them in any. Shares flat lists. */
export const inKeyOrder = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return typeof value[0] === 'object' ? value.map(inKeyOrder) : value
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((key) => [key, inKeyOrder((value as Record<string, unknown>)[key])]))
}
