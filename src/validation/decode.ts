/** Reading JSON that was stored, by this version or an older one: what is not as its schema says fails by name, at once. */
import { Ajv } from 'ajv'
import { compiledLater, compiling } from './compile-ahead.ts'

const ajv = new Ajv({ ...compiling, strict: false, addUsedSchema: false })

/**
 * Makes a reader of one kind of stored value, which gives the value itself. The schema may say less than `Stored` does:
 * what was checked when it was stored needs no second check.
 * @returns a function that throws an Error naming `what` and the place in it that is wrong
 */
export const createDecoder = <Stored>(what: string, schema: object): ((value: unknown) => Stored) => {
  const compiled = compiledLater(() => ajv.compile<Stored>(withoutIds(schema)))
  return (value) => {
    const validate = compiled()
    if (validate(value)) return value
    const [error] = validate.errors ?? []
    throw new Error(`${what} cannot be read: ${error?.instancePath || 'it'} ${error?.message}`)
  }
}

/** A schema whose named parts are plain ones: one that occurs twice would be two of one name. */
const withoutIds = (schema: object): object =>
  JSON.parse(JSON.stringify(schema, (key, inner: unknown) => (key === '$id' ? undefined : inner)))
