/** Text that PostgreSQL can hold: no NUL characters, and no halves of surrogate pairs. */

import type { ValidationError } from '../contracts/error-codes.ts'
import { maxListedErrors, pointer } from './validation-errors.ts'

/** True for text that can be stored and comes back as it was. */
export const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Surrogate}/u.test(text)

/** A place within a JSON value. */
type Place = { value: unknown; path: string }

/** A validation error for each string and each key within a JSON value that cannot be stored, as many as one answer lists. */
export const textErrors = (value: unknown): ValidationError[] => {
  const errors: ValidationError[] = []
  // A stack of its own, since a body may be nested deeper than calls may be.
  const places: Place[] = [{ value, path: '' }]
  for (let place = places.pop(); place && errors.length < maxListedErrors; place = places.pop()) {
    if (typeof place.value === 'string') errors.push(...errorsOf(place.value, place.path || '/body'))
    else for (const inner of within(place, errors).reverse()) places.push(inner)
  }
  return errors
}

/** The places right below one; keys that cannot be stored become validation errors. */
const within = ({ value, path }: Place, errors: ValidationError[]): Place[] => {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).map(([key, value]) => ({ key, value, path: path + pointer(key) }))
  for (const { key, path } of inner) errors.push(...errorsOf(key, path))
  return inner.filter(({ value }) => typeof value === 'string' || typeof value === 'object')
}

const errorsOf = (text: string, path: string): ValidationError[] =>
  isStorable(text) ? [] : [{ path, code: 'text', message: 'must not hold NUL characters or halves of surrogate pairs' }]
