/** Indexing that says when it is wrong: an index beyond the end is a defect, and a default in its place would hide it. */

/** The element at a position. @throws RangeError if there is none */
export const must = <Element>(list: ArrayLike<Element>, position: number): Element => {
  const element = list[position]
  if (element === undefined) throw new RangeError(`there is no element ${position} of ${list.length}`)
  return element
}

/** The last element. @throws RangeError of an empty list */
export const lastOf = <Element>(list: ArrayLike<Element>): Element => must(list, list.length - 1)
