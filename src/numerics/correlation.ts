/** How two columns of numbers go together, NaN in either leaving a row out. */

/**
 * Pearson's correlation, from -1 to 1; null if either column is constant.
 */
export const pearson = (rows: number, x: (row: number) => number, y: (row: number) => number): number | null => {
  let count = 0
  let meanX = 0
  let meanY = 0
  let squaresX = 0
  let squaresY = 0
  let products = 0
  // From the first pair on, so that large values which differ by little lose nothing.
  let originX = 0
  let originY = 0
  for (let row = 0; row < rows; row++) {
    const rawX = x(row)
    const rawY = y(row)
    if (Number.isNaN(rawX) || Number.isNaN(rawY)) continue
    if (count === 0) {
      originX = rawX
      originY = rawY
    }
    const a = rawX - originX
    const b = rawY - originY
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
export const correlationRatio = (rows: number, quantity: (row: number) => number, group: (row: number) => number): number | null => {
  const groups = new Map<number, { count: number; mean: number }>()
  let count = 0
  let mean = 0
  let squares = 0
  for (let row = 0; row < rows; row++) {
    const value = quantity(row)
    const code = group(row)
    if (Number.isNaN(value) || Number.isNaN(code)) continue
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
