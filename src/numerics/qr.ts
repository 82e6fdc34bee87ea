/** Orthogonal factorisation by Householder's reflections, in float64. */
import { present } from './must.ts'

/** A = QR of a tall matrix. `reflections` holds Householder's vectors, one array per column. */
export type QrFactors = { rows: number; columns: number; reflections: Float64Array[]; upper: Float64Array }

/** Factors `matrix`, `[rows, columns]` row-major with rows >= columns; `upper` is R, `[columns, columns]`. */
export const factorQr = (matrix: ArrayLike<number>, rows: number, columns: number): QrFactors => {
  const a = Float64Array.from(matrix)
  const reflections: Float64Array[] = []
  for (let column = 0; column < columns; column += 1) {
    const v = reflectionOf(a, rows, columns, column)
    for (let other = column; other < columns; other += 1) reflect(v, column, a, other, columns)
    reflections.push(v)
  }
  const upper = new Float64Array(columns * columns)
  for (let row = 0; row < columns; row += 1) {
    for (let column = row; column < columns; column += 1) upper[row * columns + column] = present(a[row * columns + column])
  }
  return { rows, columns, reflections, upper }
}

/** Orthonormal columns that span a tall matrix's, `[rows, columns]` row-major, signs so that R's diagonal is positive. */
export const orthonormalColumns = (matrix: ArrayLike<number>, rows: number, columns: number): Float64Array => {
  const { reflections, upper } = factorQr(matrix, rows, columns)
  const q = new Float64Array(rows * columns)
  for (let column = 0; column < columns; column += 1) {
    q[column * columns + column] = present(upper[column * columns + column]) < 0 ? -1 : 1
    for (let index = columns - 1; index >= 0; index -= 1) {
      const v = reflections[index]
      if (v) reflect(v, index, q, column, columns)
    }
  }
  return q
}

/** Reflects the vector `x`, spread with `stride` from `offset`, at the plane normal to `v`. */
const reflect = (v: Float64Array, first: number, x: Float64Array, offset: number, stride: number): void => {
  let dot = 0
  for (let row = first; row < v.length; row += 1) dot += present(v[row]) * present(x[offset + row * stride])
  if (dot === 0) return
  for (let row = first; row < v.length; row += 1) x[offset + row * stride] = present(x[offset + row * stride]) - 2 * dot * present(v[row])
}

/** The unit vector whose reflection turns column `column` of `a` below the diagonal into zeros. */
const reflectionOf = (a: Float64Array, rows: number, columns: number, column: number): Float64Array => {
  const v = new Float64Array(rows)
  let square = 0
  for (let row = column; row < rows; row += 1) {
    const value = present(a[row * columns + column])
    v[row] = value
    square += value * value
  }
  const head = present(v[column])
  const shifted = head + (head < 0 ? -1 : 1) * Math.sqrt(square)
  const length = Math.sqrt(square - head * head + shifted * shifted)
  if (length === 0) return v
  v[column] = shifted
  return v.map((value) => value / length)
}
