import { Problem } from '../../contracts/error-codes.ts'
import { textErrors } from '../../validation/storable-text.ts'
import { throwIfInvalid } from '../../validation/validation-errors.ts'
import { nestingError } from './nesting.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })
/** How JSON spells what cannot be stored; it may also match harmless text, so what matches is looked at again. */
const suspicious = /\\u(?:0000|d[89a-f])/i

/** @throws Problem MALFORMED_BODY if it is not JSON, VALIDATION_FAILED if it nests too deep or holds text that no database can hold */
export const parseJson = (body: Uint8Array): unknown => {
  const tooDeep = nestingError(body)
  if (tooDeep) throwIfInvalid([tooDeep])
  let text: string
  let value: unknown
  try {
    text = decoder.decode(body)
    value = JSON.parse(text)
  } catch (error) {
    const message = error instanceof SyntaxError ? error.message : 'is not UTF-8'
    throw new Problem('MALFORMED_BODY', 'The body is not JSON', [{ path: '/body', code: 'malformed', message }])
  }
  if (suspicious.test(text)) throwIfInvalid(textErrors(value))
  return value
}
