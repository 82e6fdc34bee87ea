/** What a table is stored as, part by part: chunks of its cells, and slices of its levels. */
import type { StoredChunk } from './packing.ts'

/** Some levels of a `category` or `text` column in the order of their codes, the first of which is `first`. */
export type LevelSlice = { kind: 'levels'; column: number; index: number; first: number; values: string[] }
export type StoredPart = StoredChunk | LevelSlice

/** Levels of a slice, and characters of all of them; one that is longer is alone. */
const maxSliceLevels = 10_000
const maxSliceCharacters = 256 * 1024

/** The levels of each column in slices of bounded size. */
export function* sliceLevels(levels: ReadonlyMap<number, readonly string[]>): Generator<LevelSlice> {
  for (const [column, texts] of levels) {
    let values: string[] = []
    let characters = 0
    let first = 0
    let index = 0
    for (const text of texts) {
      if (values.length === maxSliceLevels || (values.length > 0 && characters + text.length > maxSliceCharacters)) {
        yield { kind: 'levels', column, index: index++, first, values }
        first += values.length
        values = []
        characters = 0
      }
      values.push(text)
      characters += text.length
    }
    if (values.length > 0) yield { kind: 'levels', column, index, first, values }
  }
}

/** Bytes that levels take, as far as a quota counts them. */
export const levelBytes = (levels: ReadonlyMap<number, readonly string[]>): number => {
  let bytes = 0
  for (const texts of levels.values()) for (const text of texts) bytes += Buffer.byteLength(text)
  return bytes
}
