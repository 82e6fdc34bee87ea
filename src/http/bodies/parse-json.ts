import { throwIfFaulty } from '../../contracts/faults.ts'
import { Problem } from '../../contracts/problems.ts'
import { textFaults } from '../../contracts/storable-text.ts'
import { nestingFault } from './nesting.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })
/** How JSON spells what cannot be stored; it may also match harmless text, so what matches is looked at again. */
const suspicious = /\\u(?:0000|d[89a-f])/i

/** @throws Problem MALFORMED_BODY where it is not JSON, VALIDATION_FAILED where it nests too deep or holds text that no database can hold */
export const parseJson = (body: Uint8Array): unknown => {
  const tooDeep = nestingFault(body)
  if (tooDeep) throwIfFaulty([tooDeep])
  let text: string
  let value: unknown
  try {
    text = decoder.decode(body)
    value = JSON.parse(text)
  } catch (error) {
    const message = error instanceof SyntaxError ? error.message : 'is not UTF-8'
    throw new Problem('MALFORMED_BODY', 'The body is not JSON', [{ path: '/body', code: 'malformed', message }])
  }
  if (suspicious.test(text)) throwIfFaulty(textFaults(value))
  return value
}
