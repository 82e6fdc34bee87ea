/** What says that a value is missing. */

/** True for bytes that say that a value is missing, and the numbers that do. */
export type MissingMarkers = { isMissing: (bytes: Uint8Array, start: number, end: number) => boolean; numbers: readonly number[] }

/**
 * The usual markers, or those that are given in their place; an empty cell is missing in any case. A marker that is a number
 * stands for all ways to write it.
 */
export const createMissingMarkers = (given: readonly string[] | undefined): MissingMarkers => {
  if (!given) return { isMissing: isUsual, numbers: [] }
  const markers = given.map((text) => Buffer.from(text.trim()))
  const longest = Math.max(0, ...markers.map(({ length }) => length))
  const isMissing = (bytes: Uint8Array, start: number, end: number): boolean =>
    start === end || (end - start <= longest && markers.some((marker) => isSame(marker, bytes, start, end)))
  const numbers = given.filter((text) => text.trim() !== '').map(Number)
  return { isMissing, numbers: numbers.filter(Number.isFinite) }
}

/** Nothing, `?`, `-`, `NA` and `NaN` in any case, `N/A`, `null` and `NULL`. */
const isUsual = (bytes: Uint8Array, start: number, end: number): boolean => {
  const length = end - start
  if (length === 0) return true
  if (length > 4) return false
  const first = bytes[start] as number
  if (length === 1) return first === 0x3f || first === 0x2d
  if ((first | 0x20) !== 0x6e) return false
  const text = String.fromCharCode(...bytes.subarray(start, end))
  return text === 'null' || text === 'NULL' || /^n(a|an|\/a)$/i.test(text)
}

const isSame = (marker: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean => {
  if (marker.length !== end - start) return false
  for (let at = 0; at < marker.length; at++) if (marker[at] !== bytes[start + at]) return false
  return true
}
