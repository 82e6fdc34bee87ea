/** JSON files that are no bodies of requests: what is said of one goes where a body says it. */
import type { FormOptions } from '../../../../api/upload-options.schema.ts'
import { createErrorList, pointer } from '../../../../validation/validation-errors.ts'

/**
 * The body that would hold a file's value and what is said of it.
 * @throws Problem VALIDATION_FAILED for what is said of a file that says it itself, and for a file that names another
 */
export const fileRequest = (value: unknown, said: FormOptions): unknown => {
  if (Array.isArray(value)) return { rows: value, ...said }
  if (typeof value !== 'object' || value === null) return value
  const errors = createErrorList()
  for (const name of Object.keys(said))
    if (Object.hasOwn(value, name))
      errors.add({ path: pointer(name), code: 'conflict', message: 'is said of the file and stands in it: leave one of them out' })
  if (Object.hasOwn(value, 'url')) errors.add({ path: '/url', code: 'unknown_field', message: 'must not stand in a file that is fetched' })
  errors.throwIfAny()
  return { ...value, ...said }
}
