/** The order of a category's levels, which their codes are: whole numbers by size, others by code point. */

/** Levels in order. */
export const inLevelOrder = (levels: readonly string[]): string[] =>
  levels.every((level) => wholeNumber.test(level))
    ? [...levels].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1))
    : // UTF-8 sorts as code points do; JavaScript's own order of texts does not.
      [...levels].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

const wholeNumber = /^-?\d{1,15}$/
