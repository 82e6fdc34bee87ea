/** How many rows of each class or group are held back for validation. */
import type { RowRule } from '../../../contracts/plan.ts'
import { createStream } from '../../../numerics/random.ts'

/** Rows by the value of the column that decides; NaN, a value that is missing, is one of its own. */
export type KeyCounts = Map<number, number>

/** Of `kept` rows: the same share of each class, or whole groups. */
export const heldOfKeys = (rule: RowRule, kept: number, keys: KeyCounts): KeyCounts => {
  const entries = [...keys].sort(([a], [b]) => compare(a, b))
  const wanted = Math.floor(kept * rule.split.fraction)
  return new Map(rule.split.by === 'group' ? heldGroups(entries, wanted, rule.seed) : heldShares(entries, wanted, kept))
}

type Entries = [key: number, count: number][]

/** In order of size, a missing one last. */
const compare = (a: number, b: number): number => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b)

/** What is left of whole rows goes to the largest remainders, the smaller class first; one row of each class stays at least. */
const heldShares = (entries: Entries, wanted: number, kept: number): Entries => {
  const shares = entries.map(([key, count]) => {
    const exact = (count * wanted) / kept
    const held = Math.min(Math.floor(exact), count - 1)
    return { key, count, held, rest: exact - held }
  })
  let left = wanted - shares.reduce((sum, { held }) => sum + held, 0)
  for (const share of [...shares].sort((a, b) => b.rest - a.rest)) {
    if (left <= 0) break
    if (share.held + 1 >= share.count) continue
    share.held += 1
    left -= 1
  }
  return shares.map(({ key, held }) => [key, held])
}

/** Index of the stream that orders groups, apart from that which orders rows. */
const groupStream = 1001

/** Groups in random order, each taken if it brings the rows held back nearer to what is wanted; one at least, and never all. */
const heldGroups = (entries: Entries, wanted: number, seed: number): Entries => {
  const order = createStream({ seed, purpose: 'data', index: groupStream }).permutation(entries.length)
  const taken: Entries = []
  let held = 0
  for (const at of order) {
    const [key, count] = entries[at] as Entries[number]
    if (taken.length + 1 >= entries.length || Math.abs(held + count - wanted) >= Math.abs(held - wanted)) continue
    taken.push([key, count])
    held += count
  }
  if (taken.length > 0 || entries.length < 2 || wanted === 0) return taken
  // Every group is far larger than the share: the smallest is nearest to it.
  return [entries.reduce((smallest, entry) => (entry[1] < smallest[1] ? entry : smallest))]
}
