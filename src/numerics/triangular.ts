/** Upper triangular matrices, `[size, size]` row-major in float64. */
import { present } from './must.ts'

/** Sets R's columns to R⁻¹ · those of `right`, `[size, columns]` row-major: back substitution. */
export const solveUpper = (upper: Float64Array, size: number, right: Float64Array, columns: number): Float64Array => {
  const solution = Float64Array.from(right)
  for (let row = size - 1; row >= 0; row -= 1) {
    const diagonal = present(upper[row * size + row])
    for (let column = 0; column < columns; column += 1) {
      let sum = present(solution[row * columns + column])
      for (let known = row + 1; known < size; known += 1)
        sum -= present(upper[row * size + known]) * present(solution[known * columns + column])
      solution[row * columns + column] = sum / diagonal
    }
  }
  return solution
}

/** R⁻¹ */
export const invertUpper = (upper: Float64Array, size: number): Float64Array => {
  const identity = new Float64Array(size * size)
  for (let row = 0; row < size; row += 1) identity[row * size + row] = 1
  return solveUpper(upper, size, identity, size)
}

/** a · b of square matrices, or a · bᵀ. */
export const multiplySquare = (a: Float64Array, b: Float64Array, size: number, transposeB = false): Float64Array => {
  const product = new Float64Array(size * size)
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      let sum = 0
      for (let inner = 0; inner < size; inner += 1) {
        sum += present(a[row * size + inner]) * present(b[transposeB ? column * size + inner : inner * size + column])
      }
      product[row * size + column] = sum
    }
  }
  return product
}
