/** How two columns of numbers go together, NaN in either leaving a row out. */

/**
 * Pearson's correlation, from -1 to 1; null if either column is constant.
 */
export const pearson = (rows: number, x: Cell, y: Cell): number | null => {
  let count = 0
  let meanX = 0
  let meanY = 0
  let squaresX = 0
  let squaresY = 0
  let products = 0
  let origin: { x: number; y: number } | undefined
  for (const row of rowsWithBoth(rows, x, y)) {
    origin ??= { x: x(row), y: y(row) }
    const a = x(row) - origin.x
    const b = y(row) - origin.y
    count++
    const fromX = a - meanX
    const fromY = b - meanY
    meanX += fromX / count
    meanY += fromY / count
    squaresX += fromX * (a - meanX)
    squaresY += fromY * (b - meanY)
    products += fromX * (b - meanY)
  }
  if (!(squaresX > 0 && squaresY > 0)) return null
  return Math.max(-1, Math.min(1, products / Math.sqrt(squaresX * squaresY)))
}

/**
 * The correlation ratio: how much of a quantity's spread lies between groups, from 0 to 1; null if the quantity is constant.
 * Its square is the share of the variance that the groups explain.
 */
export const correlationRatio = (rows: number, quantity: Cell, group: Cell): number | null => {
  const groups = new Map<number, { count: number; mean: number }>()
  let count = 0
  let mean = 0
  let squares = 0
  let origin: number | undefined
  for (const row of rowsWithBoth(rows, quantity, group)) {
    origin ??= quantity(row)
    const value = quantity(row) - origin
    const code = group(row)
    count++
    const from = value - mean
    mean += from / count
    squares += from * (value - mean)
    const known = groups.get(code)
    if (known) known.mean += (value - known.mean) / ++known.count
    else groups.set(code, { count: 1, mean: value })
  }
  if (!(squares > 0)) return null
  let between = 0
  for (const known of groups.values()) between += known.count * (known.mean - mean) ** 2
  return Math.min(1, Math.sqrt(between / squares))
}

/**
 * Cramér's V of two columns of groups, from 0 to 1: how far the counts of their pairs are from those of columns that have nothing
 * to do with each other; null if either has one group only. Without a correction for few rows, as in `scipy.stats.contingency.association`.
 */
export const cramersV = (rows: number, x: Cell, y: Cell): number | null => {
  const ofX = new Map<number, number>()
  const ofY = new Map<number, number>()
  const pairs = new Map<number, Map<number, number>>()
  const increment = (counts: Map<number, number>, key: number): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const row of rowsWithBoth(rows, x, y)) {
    const [a, b] = [x(row), y(row)]
    const beside = pairs.get(a) ?? new Map<number, number>()
    pairs.set(a, beside)
    increment(ofX, a)
    increment(ofY, b)
    increment(beside, b)
  }
  const most = Math.min(ofX.size, ofY.size) - 1
  if (most < 1) return null
  let share = 0
  for (const [a, beside] of pairs) for (const [b, count] of beside) share += count ** 2 / ((ofX.get(a) ?? 0) * (ofY.get(b) ?? 0))
  return Math.min(1, Math.sqrt(Math.max(0, share - 1) / most))
}

/** A column: its value in a row, NaN where one is missing. */
type Cell = (row: number) => number

/**
 * The rows in which both columns have a value. What is summed over them counts from the first, so that large values which
 * differ by little lose nothing.
 */
function* rowsWithBoth(rows: number, x: Cell, y: Cell): Generator<number> {
  for (let row = 0; row < rows; row++) if (!Number.isNaN(x(row)) && !Number.isNaN(y(row))) yield row
}
