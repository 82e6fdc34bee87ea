/** How deep a value of JSON nests, how much it holds, and copies of it that share what is large. */

/** Whether arrays and objects lie inside each other more than `most` times. Not by recursion: what a client sends may be deeper than the stack. */
export const isDeeperThan = (value: unknown, most: number): boolean => {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = []
    for (const one of level) for (const inner of childrenOf(one)) next.push(inner)
    if (depth >= most && level.some(isContainer)) return true
    level = next
  }
  return false
}

/** Numbers and texts in a value, names of fields among them; a long text counts for as many as it is long. */
export const countValues = (value: unknown): number => {
  if (typeof value === 'string') return 1 + Math.floor(value.length / charactersPerValue)
  if (!isContainer(value)) return 1
  if (ArrayBuffer.isView(value)) return (value as Float64Array).length
  if (Array.isArray(value)) return value.reduce((sum: number, inner) => sum + countValues(inner), 0)
  return Object.entries(value).reduce((sum, [key, inner]) => sum + countValues(key) + countValues(inner), 0)
}

/** About as much text as a number takes. */
const charactersPerValue = 16

/** A copy of every object and array, but for arrays that hold nothing but texts and numbers, which are shared. */
export const copyContainers = <Value>(value: Value): Value => {
  if (!isContainer(value) || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return (value.some(isContainer) ? value.map(copyContainers) : value) as Value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyContainers(inner)])) as Value
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The containers inside of a container. */
const childrenOf = (value: unknown): unknown[] => {
  if (!isContainer(value) || ArrayBuffer.isView(value)) return []
  return (Array.isArray(value) ? value : Object.values(value)).filter(isContainer)
}
