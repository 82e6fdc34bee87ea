/** What is known of each column's values so far; arrays, since a table may have very many columns. */

/** Counts, range, mean and spread of the values that are there, by column. */
export const createRunningStatistics = (width: number) => {
  const count = new Float64Array(width)
  const missing = new Float64Array(width)
  const min = new Float64Array(width).fill(Infinity)
  const max = new Float64Array(width).fill(-Infinity)
  const mean = new Float64Array(width)
  const squares = new Float64Array(width)
  const isBroken = new Uint8Array(width)
  const isSequence = new Uint8Array(width).fill(1)
  const last = new Float64Array(width).fill(Number.NaN)

  /**
   * Takes the values of one column in some rows: `values[at]`, `values[at + step]`, … NaN where one is missing. Sums are of
   * differences to the first value, so that a large mean takes no digits from the spread, and are joined by Chan's rule.
   */
  const add = (column: number, values: ArrayLike<number>, at: number, step: number, rows: number): void => {
    let first = Number.NaN
    let here = 0
    let sum = 0
    let sumSquares = 0
    let low = min[column] as number
    let high = max[column] as number
    let whole = isBroken[column] === 0
    let inOrder = isSequence[column] === 1
    let previous = last[column] as number
    for (let row = 0, from = at; row < rows; row++, from += step) {
      const value = values[from] as number
      if (value !== value) continue
      if (here === 0) first = value
      here++
      const difference = value - first
      sum += difference
      sumSquares += difference * difference
      if (value < low) low = value
      if (value > high) high = value
      if (whole && Math.floor(value) !== value) whole = false
      if (inOrder && value !== previous + 1 && previous === previous) inOrder = false
      previous = value
    }
    missing[column] = (missing[column] as number) + rows - here
    if (here === 0) return
    min[column] = low
    max[column] = high
    last[column] = previous
    if (!whole) isBroken[column] = 1
    if (!inOrder) isSequence[column] = 0
    join(column, here, first + sum / here, Math.max(0, sumSquares - (sum * sum) / here))
  }

  const join = (column: number, here: number, meanHere: number, squaresHere: number): void => {
    const before = count[column] as number
    const all = before + here
    const difference = meanHere - (mean[column] as number)
    mean[column] = (mean[column] as number) + (difference * here) / all
    squares[column] = (squares[column] as number) + squaresHere + (difference * difference * before * here) / all
    count[column] = all
  }

  /** What is known of a column; of none without values. `isSequence` if each value is one more than the one before. */
  const of = (column: number) => {
    const values = count[column] as number
    const low = min[column] as number
    const high = max[column] as number
    return {
      missing: missing[column] as number,
      count: values,
      min: low,
      max: high,
      // Rounding may not carry a mean out of its range.
      mean: Math.min(high, Math.max(low, mean[column] as number)),
      std: Math.sqrt((squares[column] as number) / values),
      isWhole: isBroken[column] === 0,
      isSequence: isSequence[column] === 1 && values > 0,
    }
  }

  return { add, of, isBroken }
}

export type RunningStatistics = ReturnType<typeof createRunningStatistics>
