/** JSON of values that hold typed arrays, made in slices: the text of a million numbers would keep everybody else waiting. */
import { setImmediate as turn } from 'node:timers/promises'

/** Numbers that are made text at a time. */
const numbersPerSlice = 8192

/** No text of a request holds a NUL, so this is never anything else. */
const mark = '\0numbers:'
const marked = /"\\u0000numbers:(\d+)"/

/** The text of a value in which every Float64Array is an array of finite numbers. */
export const toJsonText = async (value: unknown): Promise<string> => {
  const found: Float64Array[] = []
  const text = JSON.stringify(value, (_key, inner: unknown) => (inner instanceof Float64Array ? `${mark}${found.push(inner) - 1}` : inner))
  if (found.length === 0) return text
  const pieces: string[] = []
  for (const [at, piece] of text.split(marked).entries()) {
    const numbers = at % 2 === 1 ? found[Number(piece)] : undefined
    if (!numbers) {
      pieces.push(piece)
      continue
    }
    pieces.push('[')
    for (let from = 0; from < numbers.length; from += numbersPerSlice) {
      pieces.push(from > 0 ? ',' : '', numbers.subarray(from, from + numbersPerSlice).join(','))
      await turn()
    }
    pieces.push(']')
  }
  return pieces.join('')
}
