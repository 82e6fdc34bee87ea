/** Which of the rows that are kept are held back for validation. */
import type { Fold, RowRule } from '../../../contracts/plan.ts'
import { present } from '../../../numerics/must.ts'
import { createStream } from '../../../numerics/random.ts'
import { foldOffsets, heldOfKeys, type KeyCounts } from './held-keys.ts'
import { blockOfFold, keyColumnOf, shareOf } from './row-counts.ts'

/** Index of the stream that chooses validation rows, apart from those that make synthetic rows. */
const splitStream = 1000

/**
 * 1 for each row that is held back. A pure function of the rule, of how many rows are kept, and, if a column decides, of its
 * values in them: the API counts by it, and the worker divides by it.
 */
export const heldRows = (rule: RowRule, kept: number, keys?: Float32Array): Uint8Array => {
  const held = new Uint8Array(kept)
  const { by, fraction, fold } = rule.split
  const count = shareOf(kept, fraction)
  if (by === 'order') return fold ? held.fill(1, ...blockOfFold(kept, fold)) : held.fill(1, kept - count)
  const deciding = keyColumnOf(rule) === undefined ? undefined : keys
  if (fold && by !== 'group') return dealRows(rule, fold, held, deciding)
  if (deciding) return holdByKey(rule, held, deciding)
  if (count === 0) return held
  for (const row of orderOf(rule, kept).subarray(0, count)) held[row] = 1
  return held
}

const orderOf = ({ seed }: RowRule, rows: number): Int32Array =>
  createStream({ seed, purpose: 'data', index: splitStream }).permutation(rows)

const holdByKey = (rule: RowRule, held: Uint8Array, keys: Float32Array): Uint8Array => {
  const left = heldOfKeys(rule, keys.length, countKeys(keys))
  for (const row of orderOf(rule, keys.length)) {
    const key = present(keys[row])
    const more = left.get(key) ?? 0
    if (more === 0) continue
    held[row] = 1
    left.set(key, more - 1)
  }
  return held
}

/** Rows in random order are dealt to the folds one after the other, each class by itself. */
const dealRows = (rule: RowRule, { index, count }: Fold, held: Uint8Array, keys: Float32Array | undefined): Uint8Array => {
  const next = keys ? foldOffsets(countKeys(keys), { index, count }) : new Map<number, number>()
  for (const row of orderOf(rule, held.length)) {
    const key = keys ? present(keys[row]) : 0
    const fold = next.get(key) ?? 0
    next.set(key, (fold + 1) % count)
    if (fold === index) held[row] = 1
  }
  return held
}

const countKeys = (keys: Float32Array): KeyCounts => {
  const counts: KeyCounts = new Map()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
