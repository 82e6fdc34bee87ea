/** What several want to read at about the same time is read once. */

export type SharedReadsOptions = {
  /** For how long others get what was read, unless it is forgotten sooner. */
  freshMs: number
  /** Reads that are kept at a time; the oldest goes first. */
  max: number
}

/** Reads by their key. A read that failed is nobody's but of those who asked before it did. */
export const createSharedReads = <Key, Value>(read: (key: Key) => Promise<Value>, { freshMs, max }: SharedReadsOptions) => {
  const kept = new Map<Key, Promise<Value>>()

  const get = (key: Key): Promise<Value> => {
    const known = kept.get(key)
    if (known) return known
    const begun = read(key)
    const forgetThis = (): void => {
      if (kept.get(key) === begun) kept.delete(key)
    }
    kept.set(key, begun)
    begun.catch(forgetThis)
    setTimeout(forgetThis, freshMs).unref()
    for (const oldest of kept.keys()) if (kept.size > max) kept.delete(oldest)
    return begun
  }

  /** From now on everything is read again. */
  const forget = (): void => kept.clear()

  return { get, forget }
}
