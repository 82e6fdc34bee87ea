/** The final order of a column's levels. */
import { levelOrder } from '../level-order.ts'
import type { Level } from './levels.ts'

/** Levels in their final order, and the final code of each number that a text was given. */
export type OrderedLevels = { levels: Level[]; codes: Float32Array }

/** Orders levels as their codes are; a text that occurs nowhere any more is none. */
export const orderLevels = (found: readonly Level[]): OrderedLevels => {
  const levels = found.filter(({ count }) => count > 0)
  const compare = levelOrder(levels.map(({ text }) => text))
  levels.sort((a, b) => compare(a.text, b.text))
  const codes = new Float32Array(found.length)
  for (const [at, { code }] of levels.entries()) codes[code] = at
  return { levels, codes }
}
