import type { ValidationError } from '../../contracts/error-codes.ts'
import { pointer } from '../../validation/validation-errors.ts'

/** Numbers from which on a tensor's values become a typed array, which costs nothing to hand over. */
const typedFrom = 1000
/** The numbers that every schema of values allows. */
const largest = 3.4e38

/** `max` is how many values a body may hold besides typed arrays: they are copied one by one. */
type Limits = { max: number; typed: boolean }

/**
 * Puts a Float64Array in the place of each long array of finite numbers under a key `values`, within `value` itself, if
 * `typed` says so.
 * @returns the buffers of those arrays, or what is wrong with a body that holds too much else
 */
export const typeValues = (value: unknown, { max, typed }: Limits): { buffers: ArrayBuffer[] } | { error: ValidationError } => {
  const buffers: ArrayBuffer[] = []
  /** Each with the field of the body that it lies in. */
  const places: { place: object; field: string }[] = isPlace(value) ? [{ place: value, field: '' }] : []
  let others = 0

  const visit = (place: object, key: string, inner: unknown, field: string): void => {
    const numbers = typed && key === 'values' ? toTyped(inner) : undefined
    if (numbers) {
      buffers.push(numbers.buffer)
      Object.assign(place, { [key]: numbers })
    } else if (isPlace(inner)) places.push({ place: inner, field: field || pointer(key) })
  }

  for (let next = places.pop(); next; next = places.pop()) {
    const { place, field } = next
    for (const [key, inner] of Object.entries(place)) {
      others++
      visit(place, key, inner, field)
    }
    if (others > max) return { error: tooMany(field || '/body', { max, typed }) }
  }
  return { buffers }
}

const tooMany = (path: string, { max, typed }: Limits): ValidationError => ({
  path,
  code: 'too_large',
  message: `with it the request holds more than ${max} values${typed ? ' besides the `values` of tensors' : ''}, which is the most`,
})

const isPlace = (value: unknown): value is object => typeof value === 'object' && value !== null

const toTyped = (values: unknown): Float64Array<ArrayBuffer> | undefined => {
  if (!Array.isArray(values) || values.length < typedFrom) return undefined
  const numbers = new Float64Array(values.length)
  for (let at = 0; at < values.length; at++) {
    const value: unknown = values[at]
    if (typeof value !== 'number' || !(Math.abs(value) <= largest)) return undefined
    numbers[at] = value
  }
  return numbers
}
