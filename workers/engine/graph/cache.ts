/** Compiled graphs that the next job of the same shape takes over: at most a few, the longest unused go first. */

export type Cached<Value> = { value: Value; release: () => void }

/** How values are made, and let go when they are no longer kept. */
type Making<Value> = { make: () => Value; close: (value: Value) => void }

/** Keeps up to `size` unused values; a value in use is never given to a second caller. */
export const createCache = <Value>(size: number) => {
  const unused = new Map<string, { value: Value; close: (value: Value) => void }[]>()
  const order: string[] = []

  const evict = (): void => {
    for (const key of order.splice(0, order.length - size)) {
      const entries = unused.get(key) ?? []
      const entry = entries.shift()
      if (entries.length === 0) unused.delete(key)
      entry?.close(entry.value)
    }
  }

  /** A value for `key`: an unused one, or a new one. Give it back with `release`. */
  const take = (key: string, { make, close }: Making<Value>): Cached<Value> => {
    const entries = unused.get(key) ?? []
    const found = entries.pop()
    if (found) order.splice(order.lastIndexOf(key), 1)
    if (entries.length === 0) unused.delete(key)
    const value = found ? found.value : make()
    const release = (): void => {
      unused.set(key, [...(unused.get(key) ?? []), { value, close }])
      order.push(key)
      evict()
    }
    return { value, release }
  }

  /** Whether `take` would find one. */
  const has = (key: string): boolean => unused.has(key)

  return { take, has }
}
export type Cache<Value> = ReturnType<typeof createCache<Value>>
