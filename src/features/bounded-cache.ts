/** Things that are kept for the next use, the longest unused going first. */

export type BoundedCacheOptions<T> = {
  /** What all of them together may come to; what is larger by itself is not kept. */
  maxSize: number
  /** Told of each that goes. */
  onRemoved?: (value: T) => void
}

export const createBoundedCache = <T>({ maxSize, onRemoved = () => {} }: BoundedCacheOptions<T>) => {
  const entries = new Map<string, { value: T; size: number }>()
  let total = 0

  const get = (key: string): T | undefined => {
    const entry = entries.get(key)
    if (!entry) return undefined
    // Used last, it goes last.
    entries.delete(key)
    entries.set(key, entry)
    return entry.value
  }

  const remove = (key: string): void => {
    const entry = entries.get(key)
    if (!entry) return
    entries.delete(key)
    total -= entry.size
    onRemoved(entry.value)
  }

  /** False if it is too large to be kept. */
  const set = (key: string, value: T, size = 1): boolean => {
    remove(key)
    if (size > maxSize) return false
    entries.set(key, { value, size })
    total += size
    for (const oldest of entries.keys()) {
      if (total <= maxSize) break
      remove(oldest)
    }
    return true
  }

  return { get, set, remove }
}

export type BoundedCache<T> = ReturnType<typeof createBoundedCache<T>>
