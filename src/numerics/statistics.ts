/** Summaries of many numbers, in float64. */

/** Mean, population standard deviation and range of at least one value. */
export type Summary = { mean: number; std: number; min: number; max: number }

/** Two passes, so that a large mean takes no digits from the deviation. */
export const summarize = (values: ArrayLike<number>): Summary => {
  let sum = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let position = 0; position < values.length; position += 1) {
    const value = values[position] ?? Number.NaN
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  const mean = sum / values.length
  let squares = 0
  for (let position = 0; position < values.length; position += 1) squares += ((values[position] ?? Number.NaN) - mean) ** 2
  return { mean, std: Math.sqrt(squares / values.length), min, max }
}

/** Euclidean norm. */
export const normOf = (values: ArrayLike<number>): number => {
  let squares = 0
  for (let position = 0; position < values.length; position += 1) squares += (values[position] ?? Number.NaN) ** 2
  return Math.sqrt(squares)
}
