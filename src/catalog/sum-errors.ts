/** Sums errors and labels per column. */
import { present } from '../numerics/must.ts'

/** Sums of a regression, per column; labels are counted from the first one, so that a large mean takes no digits. */
export type ErrorSums = {
  rows: number
  absolute: Float64Array
  square: Float64Array
  origin: Float64Array
  label: Float64Array
  labelSquare: Float64Array
}

/** Nothing summed yet. */
export const newErrorSums = (columns: number): ErrorSums => ({
  rows: 0,
  absolute: new Float64Array(columns),
  square: new Float64Array(columns),
  origin: new Float64Array(columns),
  label: new Float64Array(columns),
  labelSquare: new Float64Array(columns),
})

/** Adds some rows to the sums. */
export const sumErrors = (sums: ErrorSums, { outputs, labels }: { outputs: Float32Array; labels: Float32Array }): void => {
  const columns = sums.absolute.length
  if (sums.rows === 0) sums.origin.set(labels.subarray(0, columns))
  sums.rows += outputs.length / columns
  outputs.forEach((output, index) => {
    const column = index % columns
    const label = labels[index] ?? Number.NaN
    const error = output - label
    const centered = label - (sums.origin[column] ?? 0)
    addTo(sums.absolute, column, Math.abs(error))
    addTo(sums.square, column, error * error)
    addTo(sums.label, column, centered)
    addTo(sums.labelSquare, column, centered * centered)
  })
}

const addTo = (sums: Float64Array, column: number, value: number): void => {
  sums[column] = present(sums[column]) + value
}
