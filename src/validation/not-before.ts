/** Two fields of an object that are the ends of a range: the later one says with which it begins. */
import type { Ajv, SchemaValidateFunction } from 'ajv'
import { timeOf } from './time-of.ts'
import { pointer } from './validation-errors.ts'

/** The keyword of a schema that names the field in which the range begins; published, as it helps who reads. */
export const notBeforeKeyword = 'x-not-before'

/** Teaches the keyword: of two numbers or two times the second must not come before the first. Equal ends are right. */
export const addNotBefore = (ajv: Ajv): void => {
  const validate: SchemaValidateFunction = (begin: string, end: unknown, _schema, context) => {
    const from: unknown = context?.parentData[begin]
    if (!(placeOf(end) < placeOf(from))) return true
    validate.errors = [{ keyword: notBeforeKeyword, message: `must not be before ${pointer(begin)}, which is ${from}` }]
    return false
  }
  ajv.addKeyword({ keyword: notBeforeKeyword, schemaType: 'string', errors: true, validate })
}

/** A number that orders numbers and times; NaN of all else, which has its own validation errors. */
const placeOf = (value: unknown): number => (typeof value === 'number' ? value : typeof value === 'string' ? timeOf(value) : Number.NaN)
