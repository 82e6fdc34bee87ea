/** The final order of a column's levels. */
import type { Level } from './levels.ts'

/** Levels in their final order, and the final code of each number that a text was given. */
export type OrderedLevels = { levels: Level[]; codes: Float32Array }

/** Orders levels by code point, whole numbers by size; a text that occurs nowhere any more is none. */
export const orderLevels = (found: readonly Level[]): OrderedLevels => {
  const levels = found.filter(({ count }) => count > 0)
  if (levels.every(({ text }) => wholeNumber.test(text))) sortBySize(levels)
  else if (levels.every(({ text }) => plain.test(text))) levels.sort((a, b) => (a.text < b.text ? -1 : 1))
  // UTF-8 sorts as code points do; JavaScript's own order of texts does not.
  else levels.sort((a, b) => Buffer.compare(Buffer.from(a.text), Buffer.from(b.text)))
  const codes = new Float32Array(found.length)
  for (const [at, { code }] of levels.entries()) codes[code] = at
  return { levels, codes }
}

const sortBySize = (levels: Level[]): void => {
  const sizes = new Map(levels.map((level) => [level, Number(level.text)]))
  levels.sort((a, b) => (sizes.get(a) ?? 0) - (sizes.get(b) ?? 0) || (a.text < b.text ? -1 : 1))
}

const wholeNumber = /^-?\d{1,15}$/
/** Texts whose UTF-16 units sort as their code points do. */
const plain = /^[\0-\ud7ff]*$/
