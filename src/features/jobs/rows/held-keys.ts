/** How many rows of each class or group are held back for validation. */
import type { Fold, RowRule } from '../../../contracts/plan.ts'
import { present } from '../../../numerics/must.ts'
import { createStream } from '../../../numerics/random.ts'

/** Rows by the value of the column that decides; NaN, a value that is missing, is one of its own. */
export type KeyCounts = Map<number, number>

/** Of `kept` rows: the same share of each class, or whole groups; of a fold its own. */
export const heldOfKeys = ({ split, seed }: RowRule, kept: number, keys: KeyCounts): KeyCounts => {
  const entries = inOrder(keys)
  const wanted = Math.floor(kept * split.fraction)
  if (split.by === 'group') return new Map(split.fold ? foldedGroups(entries, split.fold, seed) : heldGroups(entries, wanted, seed))
  const { fold } = split
  if (!fold) return new Map(heldShares(entries, wanted, kept))
  const offsets = foldOffsets(keys, fold)
  return new Map(entries.map(([key, count]) => [key, countInFold(count, offsets.get(key) ?? 0, fold)]))
}

/** The fold that the first row of each class goes to: classes follow one another, so that folds are of about one size. */
export const foldOffsets = (keys: KeyCounts, { count: folds }: Fold): KeyCounts => {
  let from = 0
  return new Map(
    inOrder(keys).map(([key, count]) => {
      const offset = from % folds
      from += count
      return [key, offset]
    }),
  )
}

/** How many of so many rows, dealt to the folds one after the other from an offset on, a fold gets. */
export const countInFold = (rows: number, offset: number, { index, count }: Fold): number => {
  const first = (index - offset + count) % count
  return rows > first ? Math.floor((rows - first - 1) / count) + 1 : 0
}

type Entries = [key: number, count: number][]

/** By size of the key, a missing one last. */
const inOrder = (keys: KeyCounts): Entries =>
  // A typed array sorts so by itself, and many times as fast as a comparison.
  Array.from(Float64Array.from(keys.keys()).sort(), (key) => [key, keys.get(key) ?? 0])

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

const shuffled = (entries: Entries, seed: number): Entries => {
  const order = createStream({ seed, purpose: 'data', index: groupStream }).permutation(entries.length)
  return Array.from(order, (at) => entries[at] as Entries[number])
}

/** Groups in random order, each taken if it brings the rows held back nearer to what is wanted; one at least, and never all. */
const heldGroups = (entries: Entries, wanted: number, seed: number): Entries => {
  const taken: Entries = []
  let held = 0
  for (const [key, count] of shuffled(entries, seed)) {
    if (taken.length + 1 >= entries.length || Math.abs(held + count - wanted) >= Math.abs(held - wanted)) continue
    taken.push([key, count])
    held += count
  }
  if (taken.length > 0 || entries.length < 2) return taken
  // Every group is far larger than the share: the smallest is nearest to it.
  return [entries.reduce((smallest, entry) => (entry[1] < smallest[1] ? entry : smallest))]
}

/** The groups of a fold: the largest first, each to the fold that has the fewest rows, of groups of one size in random order. */
const foldedGroups = (entries: Entries, { index, count }: Fold, seed: number): Entries => {
  const folds = createSmallest(count)
  return shuffled(entries, seed)
    .sort(([, a], [, b]) => b - a)
    .filter(([, size]) => folds.addToSmallest(size) === index)
}

/** So many sums from 0, the smallest of which is always at hand: a heap, since there may be 1,000 folds and 100,000 groups. */
const createSmallest = (count: number) => {
  const sums = new Float64Array(count)
  const heap = Int32Array.from({ length: count }, (_, at) => at)
  const isBelow = (a: number, b: number): boolean => {
    const difference = present(sums[a]) - present(sums[b])
    return difference < 0 || (difference === 0 && a < b)
  }

  /** Adds to the smallest sum, the first of equal ones, and says which it was. */
  const addToSmallest = (value: number): number => {
    const smallest = present(heap[0])
    sums[smallest] = present(sums[smallest]) + value
    for (let at = 0; ; ) {
      let next = 2 * at + 1
      if (next >= count) break
      if (next + 1 < count && isBelow(present(heap[next + 1]), present(heap[next]))) next += 1
      if (!isBelow(present(heap[next]), smallest)) break
      heap[at] = present(heap[next])
      heap[next] = smallest
      at = next
    }
    return smallest
  }

  return { addToSmallest }
}
