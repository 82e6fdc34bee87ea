/** Addresses: what goes into a path and a query. */

/** What a query may hold: lists become repeated parameters, objects `name[key]=value`, and what is undefined is left out. */
export type Query = Readonly<Record<string, unknown>>

/** An address below the service's own, query included. */
export const addressOf = (base: string, path: string, query: Query = {}): string => {
  const parameters = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => pairs(name, value)))
  const text = parameters.toString()
  return `${base}${path}${text === '' ? '' : `?${text}`}`
}

/** An id as a part of a path. @throws TypeError for one that would lead to another address */
export const segment = (id: string): string => {
  if (typeof id !== 'string' || id === '' || id === '.' || id === '..') throw new TypeError(`${JSON.stringify(id)} is no id`)
  return encodeURIComponent(id)
}

const pairs = (name: string, value: unknown): [string, string][] => {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.flatMap((one) => pairs(name, one))
  if (value instanceof Date) return [[name, value.toISOString()]]
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, one]) => pairs(`${name}[${key}]`, one))
  return [[name, String(value)]]
}
