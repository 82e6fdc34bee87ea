/** How deep JSON nests, found in its bytes: parsing tens of megabytes of brackets takes seconds, and what walks the value afterwards may run out of stack. */

import type { ValidationError } from '../../contracts/error-codes.ts'
import { pointer } from '../../validation/validation-errors.ts'

/** Levels of arrays and objects that a body may have. */
export const deepest = 64

const [quote, backslash, openBracket, openBrace, closeBracket, closeBrace, comma] = Buffer.from('"\\[{]},') as unknown as number[]

/** What is wrong with JSON that nests too deep: the place of the first value that does. Text that is no JSON is none of its business. */
export const nestingError = (json: Uint8Array): ValidationError | undefined => {
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (byte === quote) at = endOfString(json, at)
    else if (byte === openBracket || byte === openBrace) {
      depth++
      if (depth > deepest) {
        const message = `nests deeper than the ${deepest} levels that a body may have`
        return { path: pointer(...stepsTo(json, at)), code: 'too_deep', message }
      }
    } else if (byte === closeBracket || byte === closeBrace) depth--
  }
  return undefined
}

const endOfString = (json: Uint8Array, start: number): number => {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === backslash) at++
    else if (json[at] === quote) return at
  }
  return json.length
}

/** Keys and indexes on the way to the value that starts at `end`. */
const stepsTo = (json: Uint8Array, end: number): (string | number)[] => {
  const steps: (string | number)[] = []
  for (let at = 0; at < end; at++) {
    const byte = json[at]
    if (byte === quote) {
      const start = at
      at = endOfString(json, at)
      if (isKey(json, at)) steps.splice(-1, 1, keyOf(json.subarray(start, at + 1)))
    } else move(steps, byte)
  }
  return steps
}

/** Goes into an array or object, out of it, or on to its next place. */
const move = (steps: (string | number)[], byte: number | undefined): void => {
  const last = steps.at(-1)
  if (byte === openBracket) steps.push(0)
  else if (byte === openBrace) steps.push('')
  else if (byte === closeBracket || byte === closeBrace) steps.pop()
  else if (byte === comma && typeof last === 'number') steps.splice(-1, 1, last + 1)
}

const isKey = (json: Uint8Array, end: number): boolean => /^\s*:/.test(Buffer.from(json.subarray(end + 1, end + 20)).toString('latin1'))

const keyOf = (quoted: Uint8Array): string => {
  try {
    return String(JSON.parse(Buffer.from(quoted).toString())).slice(0, 200)
  } catch {
    return ''
  }
}
