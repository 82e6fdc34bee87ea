/** How many rows of each class or group are held back for validation. */
import type { Fold, RowRule } from '../../../contracts/plan.ts'
import { present } from '../../../numerics/must.ts'
import { createStream } from '../../../numerics/random.ts'
import { atOnce, mapInSteps } from '../../slices.ts'

/** Rows by the value of the column that decides; NaN, a value that is missing, is one of its own. */
export type KeyCounts = Map<number, number>

/** Of `kept` rows: the same share of each class, or whole groups; of a fold its own. */
export const heldOfKeys = (rule: RowRule, kept: number, keys: KeyCounts): KeyCounts => atOnce(heldInSteps(rule, kept, keys))

/** The same with pauses, since there may be 100,000 classes or groups. */
export function* heldInSteps({ split, seed }: RowRule, kept: number, keys: KeyCounts): Generator<void, KeyCounts> {
  const entries = yield* inOrder(keys)
  const wanted = Math.floor(kept * split.fraction)
  const { fold } = split
  if (split.by === 'group') return yield* toMap(fold ? yield* foldedGroups(entries, fold, seed) : yield* heldGroups(entries, wanted, seed))
  if (!fold) return yield* toMap(yield* heldShares(entries, wanted, kept))
  const held: Entries = []
  for (const [key, count, offset] of dealt(entries, fold)) {
    held.push([key, countInFold(count, offset, fold)])
    if (held.length % stepEntries === 0) yield
  }
  return yield* toMap(held)
}

/** The fold that the first row of each class goes to: classes follow one another, so that folds are of about one size. */
export const foldOffsets = (keys: KeyCounts, fold: Fold): KeyCounts =>
  new Map([...dealt(atOnce(inOrder(keys)), fold)].map(([key, , offset]) => [key, offset]))

/** How many of so many rows, dealt to the folds one after the other from an offset on, a fold gets. */
export const countInFold = (rows: number, offset: number, { index, count }: Fold): number => {
  const first = (index - offset + count) % count
  return rows > first ? Math.floor((rows - first - 1) / count) + 1 : 0
}

type Entry = readonly [key: number, count: number]
type Entries = Entry[]

/** Entries that are looked at between two pauses. */
const stepEntries = 10_000

/** Classes, their rows, and the fold that the first row of each goes to. */
function* dealt(entries: Entries, { count: folds }: Fold): Generator<[key: number, count: number, offset: number]> {
  let from = 0
  for (const [key, count] of entries) {
    yield [key, count, from % folds]
    from += count
  }
}

/** By size of the key, a missing one last. */
function* inOrder(keys: KeyCounts): Generator<void, Entries> {
  // A typed array sorts so by itself, and many times as fast as a comparison.
  const sorted = Float64Array.from(keys.keys()).sort()
  yield
  return yield* mapInSteps(sorted, (key) => [key, keys.get(key) ?? 0] as const)
}

function* toMap(entries: Entries): Generator<void, KeyCounts> {
  const counts: KeyCounts = new Map()
  yield* mapInSteps(entries, ([key, count]) => void counts.set(key, count))
  return counts
}

/** What is left of whole rows goes to the largest remainders, the smaller class first; one row of each class stays at least. */
function* heldShares(entries: Entries, wanted: number, kept: number): Generator<void, Entries> {
  const shares = yield* mapInSteps(entries, ([key, count]) => {
    const exact = (count * wanted) / kept
    const held = Math.min(Math.floor(exact), count - 1)
    return { key, count, held, rest: exact - held }
  })
  let left = wanted - shares.reduce((sum, { held }) => sum + held, 0)
  yield
  for (const share of shares.toSorted((a, b) => b.rest - a.rest)) {
    if (left <= 0) break
    if (share.held + 1 >= share.count) continue
    share.held += 1
    left -= 1
  }
  yield
  return yield* mapInSteps(shares, ({ key, held }) => [key, held] as const)
}

/** Index of the stream that orders groups, apart from that which orders rows. */
const groupStream = 1001

function* shuffled(entries: Entries, seed: number): Generator<void, Entries> {
  const order = createStream({ seed, purpose: 'data', index: groupStream }).permutation(entries.length)
  yield
  return yield* mapInSteps(order, (at) => present(entries[at]))
}

/** Groups in random order, each taken if it brings the rows held back nearer to what is wanted; one at least, and never all. */
function* heldGroups(entries: Entries, wanted: number, seed: number): Generator<void, Entries> {
  const taken: Entries = []
  let held = 0
  const take = (entry: Entry): void => {
    const [, count] = entry
    if (taken.length + 1 >= entries.length || Math.abs(held + count - wanted) >= Math.abs(held - wanted)) return
    taken.push(entry)
    held += count
  }
  yield* mapInSteps(yield* shuffled(entries, seed), take)
  if (taken.length > 0 || entries.length < 2) return taken
  // Every group is far larger than the share: the smallest is nearest to it.
  return [entries.reduce((smallest, entry) => (entry[1] < smallest[1] ? entry : smallest))]
}

/** The groups of a fold: the largest first, each to the fold that has the fewest rows, of groups of one size in random order. */
function* foldedGroups(entries: Entries, { index, count }: Fold, seed: number): Generator<void, Entries> {
  const folds = createSmallest(count)
  const ordered = (yield* shuffled(entries, seed)).sort(([, a], [, b]) => b - a)
  yield
  const foldOf = yield* mapInSteps(ordered, ([, size]) => folds.addToSmallest(size))
  return ordered.filter((_, at) => foldOf[at] === index)
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
