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
  const add = (column: number, values: ArrayLike<number>, rows: Rows): void => {
    const first = firstValue(values, rows)
    if (Number.isNaN(first)) {
      missing[column] = (missing[column] as number) + rows.rows
      return
    }
    const here = sumUp(values, rows, first)
    missing[column] = (missing[column] as number) + rows.rows - here.count
    min[column] = Math.min(min[column] as number, here.min)
    max[column] = Math.max(max[column] as number, here.max)
    if (isBroken[column] === 0 && !areWhole(values, rows)) isBroken[column] = 1
    if (isSequence[column] === 1) follow(column, values, rows)
    const squaresHere = Math.max(0, here.squares - (here.sum * here.sum) / here.count)
    join(column, here.count, first + here.sum / here.count, squaresHere)
  }

  const follow = (column: number, values: ArrayLike<number>, { at, step, rows }: Rows): void => {
    let previous = last[column] as number
    for (let row = 0, from = at; row < rows; row++, from += step) {
      const value = values[from] as number
      if (Number.isNaN(value)) continue
      // Beyond 2^53 a number and the next one may be the same.
      if (value - previous !== 1 && !Number.isNaN(previous)) {
        isSequence[column] = 0
        return
      }
      previous = value
    }
    last[column] = previous
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

/** Where the values of one column lie in some rows: `values[at]`, `values[at + step]`, … */
type Rows = { at: number; step: number; rows: number }

/** The first value that is there; NaN if none is. */
const firstValue = (values: ArrayLike<number>, { at, step, rows }: Rows): number => {
  for (let row = 0, from = at; row < rows; row++, from += step) {
    const value = values[from] as number
    if (!Number.isNaN(value)) return value
  }
  return Number.NaN
}

/** Count, range, and sums of differences to the first value. */
const sumUp = (values: ArrayLike<number>, { at, step, rows }: Rows, first: number) => {
  let count = 0
  let sum = 0
  let squares = 0
  let min = Infinity
  let max = -Infinity
  for (let row = 0, from = at; row < rows; row++, from += step) {
    const value = values[from] as number
    if (Number.isNaN(value)) continue
    const difference = value - first
    count++
    sum += difference
    squares += difference * difference
    if (value < min) min = value
    if (value > max) max = value
  }
  return { count, sum, squares, min, max }
}

const areWhole = (values: ArrayLike<number>, { at, step, rows }: Rows): boolean => {
  for (let row = 0, from = at; row < rows; row++, from += step) {
    const value = values[from] as number
    if (!Number.isNaN(value) && Math.floor(value) !== value) return false
  }
  return true
}

export type RunningStatistics = ReturnType<typeof createRunningStatistics>
