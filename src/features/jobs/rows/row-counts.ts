/** How many rows of a table train, validate and are left out, counted while the table is read a piece at a time. */
import type { Fold, RowCounts, RowRule } from '../../../contracts/plan.ts'
import { present } from '../../../numerics/must.ts'
import { countInFold, heldInSteps, type KeyCounts } from './held-keys.ts'

/** Groups or classes that rows are told apart by. */
export const maxKeys = 100_000

/** Whether a row that starts at `start` lacks what it must have. */
export const lacks = (required: readonly number[], table: Float32Array, start: number): boolean => {
  for (const column of required) if (Number.isNaN(present(table[start + column]))) return true
  return false
}

/** The position of the column whose values decide which rows are held back, if one does. */
export const keyColumnOf = ({ split }: RowRule): number | undefined => ('column' in split && split.fraction > 0 ? split.column : undefined)

/** Counts rows by a rule. `rows` are whole rows of so many columns. */
export const createRowCounter = (rule: RowRule) => {
  const keyColumn = keyColumnOf(rule)
  const keys: KeyCounts = new Map()
  let kept = 0
  let dropped = 0

  const add = (table: Float32Array, width: number): void => {
    for (let start = 0; start < table.length; start += width) {
      if (lacks(rule.required, table, start)) {
        dropped += 1
        continue
      }
      kept += 1
      if (keyColumn === undefined || keys.size > maxKeys) continue
      const key = present(table[start + keyColumn])
      keys.set(key, (keys.get(key) ?? 0) + 1)
    }
  }

  /** `keys`: how many different values decide; more than the most are not counted further. Pauses, since they may be many. */
  function* counts(): Generator<void, RowCounts & { keys: number }> {
    const held = keys.size > maxKeys ? 0 : yield* heldCount(rule, kept, keys)
    return { training: kept - held, validation: held, dropped, keys: keys.size }
  }

  return { add, counts }
}

/** Rows held back of so many that are kept if no column decides. */
export const heldWithoutKeys = ({ split: { by, fraction, fold } }: RowRule, kept: number): number => {
  if (!fold) return shareOf(kept, fraction)
  const [from, to] = blockOfFold(kept, fold)
  return by === 'order' ? to - from : countInFold(kept, 0, fold)
}

/** The rows of a fold if folds are stretches of rows that follow one another: from one on, up to but without another. */
export const blockOfFold = (rows: number, { index, count }: Fold): [from: number, to: number] => [
  Math.floor((index * rows) / count),
  Math.floor(((index + 1) * rows) / count),
]

/** Whole rows of a share. */
export const shareOf = (rows: number, fraction: number): number => Math.floor(rows * fraction)

/** Rows held back of so many that are kept; `keys`: how many of them have each value of the deciding column. */
function* heldCount(rule: RowRule, kept: number, keys: KeyCounts): Generator<void, number> {
  if (keyColumnOf(rule) === undefined) return heldWithoutKeys(rule, kept)
  let held = 0
  for (const count of (yield* heldInSteps(rule, kept, keys)).values()) held += count
  return held
}
