/** The order of a column's levels, which their codes are: whole numbers by size, others by code point. */

/** Levels in order. */
export const inLevelOrder = (levels: readonly string[]): string[] => [...levels].sort(levelOrder(levels))

/** How to compare any two of these levels. */
export const levelOrder = (levels: readonly string[]): ((a: string, b: string) => number) => {
  if (levels.every((level) => wholeNumber.test(level))) return (a, b) => Number(a) - Number(b) || byUnits(a, b)
  if (levels.every((level) => plain.test(level))) return byUnits
  // UTF-8 sorts as code points do; JavaScript's own order of texts does not.
  return (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))
}

const byUnits = (a: string, b: string): number => (a < b ? -1 : 1)

const wholeNumber = /^-?\d{1,15}$/

/** Texts whose UTF-16 units sort as their code points do. */
const plain = /^[\0-\ud7ff]*$/
