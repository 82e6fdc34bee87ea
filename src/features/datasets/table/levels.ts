/** The different texts of a column, numbered as they come. */
import { isUtf8 } from 'node:buffer'
import { randomInt } from 'node:crypto'

/** Levels of a column, and bytes of their texts, beyond which a column is listed but not stored. */
export const maxLevels = 100_000
export const maxLevelBytes = 64 * 1024 * 1024
/** Bytes of one text. */
export const maxTextBytes = 64 * 1024

/** Bytes of texts that the columns of one table share. */
export type LevelBudget = { left: number }

/** What `code` gives for a text of a column that is not stored any more, and for one that is no text. */
export const unstored = -1
export const notText = -2

/**
 * A dictionary over bytes: no text is made of a cell that was there before. Open addressing, with a multiplier that nobody knows,
 * so that no file can be made of texts that collide.
 */
export const createLevels = (budget: LevelBudget) => {
  const multiplier = randomInt(2 ** 30) * 2 + 1
  // Small, since a table may have very many columns of few texts.
  let slots = new Int32Array(8).fill(-1)
  let mask = slots.length - 1
  let hashes = new Int32Array(4)
  let ends = new Uint32Array(4)
  let arena = Buffer.allocUnsafeSlow(32)
  let used = 0
  let count = 0
  let reason: string | undefined
  let lines = new Float64Array(4)
  let named = 0
  let counts = new Float64Array(4)

  const giveUp = (why: string): number => {
    reason = why
    budget.left += used
    slots = hashes = new Int32Array(0)
    ends = new Uint32Array(0)
    lines = counts = new Float64Array(0)
    arena = Buffer.alloc(0)
    used = 0
    return unstored
  }

  const startOf = (code: number): number => (code === 0 ? 0 : (ends[code - 1] as number))

  const isAt = (code: number, bytes: Uint8Array, start: number, length: number): boolean => {
    const from = startOf(code)
    if ((ends[code] as number) - from !== length) return false
    for (let at = 0; at < length; at++) if (arena[from + at] !== bytes[start + at]) return false
    return true
  }

  /** The number of a text; `unstored` once there are too many, `notText` for bytes that are no text. */
  const code = (bytes: Uint8Array, start: number, end: number): number => {
    if (reason !== undefined) return unstored
    let hash = end - start
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), multiplier) ^ (hash >>> 15)
    let slot = (hash ^ (hash >>> 13)) & mask
    for (let known = slots[slot] as number; known >= 0; known = slots[slot] as number) {
      if (hashes[known] === hash && isAt(known, bytes, start, end - start)) return known
      slot = (slot + 1) & mask
    }
    return add(bytes, start, end, hash, slot)
  }

  const add = (bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number => {
    const length = end - start
    if (length > maxTextBytes) return giveUp(`has a text of more than ${maxTextBytes / 1024} KiB`)
    if (!isText(bytes, start, end)) return notText
    if (count === maxLevels) return giveUp(`has more than ${maxLevels.toLocaleString('en')} different texts`)
    if (used + length > maxLevelBytes || length > budget.left) return giveUp('has more text than is stored')
    if (used + length > arena.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(maxLevelBytes, Math.max(2 * arena.length, used + length)))
      arena.copy(larger, 0, 0, used)
      arena = larger
    }
    if (count === ends.length) {
      ends = grown(ends, new Uint32Array(2 * count))
      hashes = grown(hashes, new Int32Array(2 * count))
      lines = grown(lines, new Float64Array(2 * count))
      counts = grown(counts, new Float64Array(2 * count))
    }
    arena.set(bytes.subarray(start, end), used)
    used += length
    budget.left -= length
    ends[count] = used
    hashes[count] = hash
    slots[slot] = count
    if (2 * ++count > slots.length) rehash()
    return count - 1
  }

  const rehash = (): void => {
    slots = new Int32Array(2 * slots.length).fill(-1)
    mask = slots.length - 1
    for (let known = 0; known < count; known++) {
      const hash = hashes[known] as number
      let slot = (hash ^ (hash >>> 13)) & mask
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask
      slots[slot] = known
    }
  }

  /** Says in which line the texts stand that nobody said this of. */
  const sawNew = (line: number): void => {
    while (named < count && named < lines.length) lines[named++] = line
  }

  /** Counts how often texts occur: their numbers are `codes[at]`, `codes[at + step]`, … */
  const tally = (codes: Float32Array, at: number, step: number): void => {
    if (reason !== undefined) return
    for (let from = at; from < codes.length; from += step) {
      const known = codes[from] as number
      if (known >= 0) counts[known] = (counts[known] as number) + 1
    }
  }

  /** The texts by their numbers: how often each occurs, and in which line first. One of a row that was left out may not occur. */
  const list = (): Level[] =>
    reason === undefined
      ? Array.from({ length: count }, (_, code) => ({
          code,
          text: arena.toString('utf8', startOf(code), ends[code]),
          count: counts[code] as number,
          line: lines[code] as number,
        }))
      : []

  return { code, sawNew, count: tally, list, size: () => count, whyUnstored: () => reason }
}

export type Levels = ReturnType<typeof createLevels>
export type Level = { code: number; text: string; count: number; line: number }

const grown = <List extends Int32Array | Uint32Array | Float64Array>(list: List, larger: List): List => {
  larger.set(list)
  return larger
}

/** Bytes that can be stored as text: UTF-8, and no NUL among them. */
const isText = (bytes: Uint8Array, start: number, end: number): boolean => {
  let isPlain = true
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === 0) return false
    if (byte > 0x7f) isPlain = false
  }
  return isPlain || isUtf8(bytes.subarray(start, end))
}
