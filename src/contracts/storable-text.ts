/** Text that PostgreSQL can hold: no NUL characters, and no halves of surrogate pairs. */
import { listedFaults, pointer } from './faults.ts'
import type { Fault } from './problems.ts'

/** True for text that can be stored and comes back as it was. */
export const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Surrogate}/u.test(text)

/** A place within a JSON value. */
type Place = { value: unknown; path: string }

/** A fault for each string and each key within a JSON value that cannot be stored, as many as one answer lists. */
export const textFaults = (value: unknown): Fault[] => {
  const faults: Fault[] = []
  // A stack of its own, since a body may be nested deeper than calls may be.
  const places: Place[] = [{ value, path: '' }]
  for (let place = places.pop(); place && faults.length < listedFaults; place = places.pop()) {
    if (typeof place.value === 'string') faults.push(...faultsOf(place.value, place.path || '/body'))
    else for (const inner of within(place, faults).reverse()) places.push(inner)
  }
  return faults
}

/** The places right below one; keys that cannot be stored become faults. */
const within = ({ value, path }: Place, faults: Fault[]): Place[] => {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).map(([key, value]) => ({ key, value, path: path + pointer(key) }))
  for (const { key, path } of inner) faults.push(...faultsOf(key, path))
  return inner.filter(({ value }) => typeof value === 'string' || typeof value === 'object')
}

const faultsOf = (text: string, path: string): Fault[] =>
  isStorable(text) ? [] : [{ path, code: 'text', message: 'must not hold NUL characters or halves of surrogate pairs' }]
