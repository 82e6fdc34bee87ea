/** Indexing that says when it is wrong: an index beyond the end is a defect, and a default in its place would hide it. */

/** The element at a position. @throws Error if there is none */
export const must = <Element>(list: ArrayLike<Element>, position: number): Element => {
  const element = list[position]
  if (element === undefined) throw new Error(`there is no element ${position} of ${list.length}`)
  return element
}

/**
 * A value read in a loop over many: `present(values[at])`. It costs next to nothing there, while `must` would, whose one
 * index sees lists of every kind. @throws Error if it is not there
 */
export const present = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('an index is beyond the end of its list')
  return value
}

/** The last element. @throws Error of an empty list */
export const lastOf = <Element>(list: ArrayLike<Element>): Element => must(list, list.length - 1)
