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

/** A column: its value in a row, NaN where one is missing. */
type Cell = (row: number) => number

/**
 * The rows in which both columns have a value. What is summed over them counts from the first, so that large values which
 * differ by little lose nothing.
 */
function* rowsWithBoth(rows: number, x: Cell, y: Cell): Generator<number> {
  for (let row = 0; row < rows; row++) if (!Number.isNaN(x(row)) && !Number.isNaN(y(row))) yield row
}
