/** Numbers as JSON carries them: a non-finite number travels as the string that names it, never as null. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'

/** A float as the API writes it. */
export const JsonNumber = Type.Union([Type.Number(), Type.Literal('NaN'), Type.Literal('Infinity'), Type.Literal('-Infinity')], {
  description: 'A number; what is not finite is the string "NaN", "Infinity" or "-Infinity".',
})
export type JsonNumber = Static<typeof JsonNumber>

/** The same by name, for the document. */
export const JsonNumberSchema = Type.Unsafe<JsonNumber>({ ...JsonNumber, $id: 'JsonNumber' })

/** A reference to it. */
export const jsonNumber = (description?: string) => ref(JsonNumberSchema, description === undefined ? {} : { description })

/** A number as JSON carries it. */
export const toJsonNumber = (value: number): JsonNumber => {
  if (Number.isFinite(value)) return value
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? 'Infinity' : '-Infinity'
}

/** The number that JSON carried. */
export const fromJsonNumber = (value: JsonNumber): number => (typeof value === 'number' ? value : Number(value))

/** Numbers as JSON carries them, from any array of numbers. */
export const toJsonNumbers = (values: ArrayLike<number>): JsonNumber[] => Array.from(values, toJsonNumber)

/** The largest finite float32: what is beyond it cannot be stored or computed with. */
export const largestFloat32 = 3.4028234663852886e38

/** A number that is still one as a float32. */
export const fitsFloat32 = (value: number): boolean => Number.isFinite(Math.fround(value))
