/**
 * Linear least squares in closed form, by Householder's QR of blocks of rows in float64: the triangle of all rows so
 * far takes in one block after another, so that memory does not grow with rows. Standard errors and R² as in
 * ordinary regression; with a ridge, the sandwich estimate and the effective degrees of freedom n − tr(H).
 */
import { present } from './must.ts'
import { factorQr } from './qr.ts'
import { invertUpper, multiplySquare, solveUpper } from './triangular.ts'

/** `weights` is `[features, outputs]` row-major, `bias` has one value per output, empty without a bias. */
export type LinearCoefficients = { weights: Float64Array; bias: Float64Array }

export type LeastSquaresSolution = LinearCoefficients & {
  /** Of each coefficient; NaN if no degrees of freedom are left. */
  standardErrors: LinearCoefficients
  /** Per output: 1 − residual sum of squares / total one, which is about the mean if there is a bias. */
  r2: Float64Array
  /** Per output, of the data alone. */
  residualSumOfSquares: Float64Array
  degreesOfFreedom: number
}

export type LeastSquaresOptions = {
  /** Added to the diagonal of XᵀX, the bias's place included: minimizes ‖Xw − y‖² + ridge · ‖w‖². */
  ridge?: number
}

/** How the sizes are called: columns of X with its column of ones, and all columns with those of y. */
type Sizes = { features: number; outputs: number; bias: boolean; known: number; all: number }

/** Rows of X and y are added in batches, then solved; adding more and solving again is possible. */
export const createLeastSquares = ({ features, outputs, bias }: { features: number; outputs: number; bias: boolean }) => {
  const known = features + (bias ? 1 : 0)
  const sizes: Sizes = { features, outputs, bias, known, all: known + outputs }
  const blockRows = Math.max(512, 4 * sizes.all)
  let triangle: Float64Array = new Float64Array(sizes.all * sizes.all)
  let rows = 0

  /** Adds rows: `newFeatures` is `[n, features]`, `labels` `[n, outputs]`, both flat and row-major. */
  const add = (newFeatures: ArrayLike<number>, labels: ArrayLike<number>): void => {
    const count = labels.length / outputs
    for (let from = 0; from < count; from += blockRows) {
      const block = augmented(newFeatures, labels, from, Math.min(blockRows, count - from), sizes)
      triangle = stack(triangle, block, sizes.all)
    }
    rows += count
  }

  /** @throws RangeError if the features are linearly dependent and no ridge tells the solutions apart */
  const solve = ({ ridge = 0 }: LeastSquaresOptions = {}): LeastSquaresSolution => {
    const { all } = sizes
    const penalized = ridge > 0 ? stack(triangle, ridgeRows(ridge, sizes), all) : triangle
    const upper = cut(penalized, all, [0, known], [0, known])
    refuseDependent(upper, known, rows)
    const coefficients = solveUpper(upper, known, cut(penalized, all, [0, known], [known, all]), outputs)

    const perOutput = Array.from({ length: outputs }, (_, output) => fit(output, coefficients))
    const inverse = invertUpper(upper, known)
    // M = R₀R⁻¹ is the identity without a ridge; tr(H) = ‖M‖², and R⁻¹MᵀMR⁻ᵀ is the covariance over σ².
    const shrinkage = ridge > 0 ? multiplySquare(cut(triangle, all, [0, known], [0, known]), inverse, known) : undefined
    const degreesOfFreedom = rows - (shrinkage ? squareSum(shrinkage) : known)
    const spread = shrinkage ? multiplySquare(inverse, shrinkage, known, true) : inverse
    const standardErrors = new Float64Array(known * outputs)
    for (let row = 0; row < known; row += 1) {
      const length = Math.sqrt(squareSum(spread.subarray(row * known, (row + 1) * known)))
      perOutput.forEach(({ residual }, output) => {
        standardErrors[row * outputs + output] = degreesOfFreedom > 0 ? length * Math.sqrt(residual / degreesOfFreedom) : Number.NaN
      })
    }
    return {
      ...split(coefficients, sizes),
      standardErrors: split(standardErrors, sizes),
      r2: Float64Array.from(perOutput, ({ residual, total }) => 1 - residual / total),
      residualSumOfSquares: Float64Array.from(perOutput, ({ residual }) => residual),
      degreesOfFreedom,
    }
  }

  /** Residual and total sums of squares of one output, both read off the triangle of the data. */
  const fit = (output: number, coefficients: Float64Array): { residual: number; total: number } => {
    const { all } = sizes
    const column = Float64Array.from({ length: all }, (_, row) => present(triangle[row * all + known + output]))
    const residuals = column.map((value, row) => {
      let sum = value
      for (let inner = row; inner < known; inner += 1)
        sum -= present(triangle[row * all + inner]) * present(coefficients[inner * outputs + output])
      return sum
    })
    return { residual: squareSum(residuals), total: squareSum(column.subarray(bias ? 1 : 0)) }
  }

  return { add, solve }
}

const squareSum = (values: Iterable<number>): number => {
  let sum = 0
  for (const value of values) sum += value * value
  return sum
}

/** Rows of `[1 | X | y]`. */
const augmented = (features: ArrayLike<number>, labels: ArrayLike<number>, from: number, count: number, sizes: Sizes): Float64Array => {
  const rows = new Float64Array(count * sizes.all)
  const first = sizes.bias ? 1 : 0
  for (let row = 0; row < count; row += 1) {
    const start = row * sizes.all
    if (sizes.bias) rows[start] = 1
    for (let column = 0; column < sizes.features; column += 1) {
      rows[start + first + column] = features[(from + row) * sizes.features + column] ?? Number.NaN
    }
    for (let column = 0; column < sizes.outputs; column += 1) {
      rows[start + sizes.known + column] = labels[(from + row) * sizes.outputs + column] ?? Number.NaN
    }
  }
  return rows
}

/** The triangle of one matrix under another, all of `size` columns. */
const stack = (triangle: Float64Array, rows: Float64Array, size: number): Float64Array => {
  const matrix = new Float64Array(triangle.length + rows.length)
  matrix.set(triangle)
  matrix.set(rows, triangle.length)
  return factorQr(matrix, matrix.length / size, size).upper
}

/** The part of a matrix `[all, all]` in rows from…to and columns left…right. */
const cut = (matrix: Float64Array, all: number, [from, to]: [number, number], [left, right]: [number, number]): Float64Array => {
  const part = new Float64Array((to - from) * (right - left))
  for (let row = from; row < to; row += 1) part.set(matrix.subarray(row * all + left, row * all + right), (row - from) * (right - left))
  return part
}

const ridgeRows = (ridge: number, { known, all }: Sizes): Float64Array => {
  const rows = new Float64Array(known * all)
  for (let row = 0; row < known; row += 1) rows[row * all + row] = Math.sqrt(ridge)
  return rows
}

/** Fails if a column of X is, to rounding, a combination of those before it. */
const refuseDependent = (upper: Float64Array, size: number, rows: number): void => {
  const lengths = Array.from({ length: size }, (_, column) => Math.sqrt(squareSum(cut(upper, size, [0, column + 1], [column, column + 1]))))
  const dependent = lengths.findIndex(
    (length, column) => !(Math.abs(present(upper[column * size + column])) > Math.max(rows, size) * Number.EPSILON * length),
  )
  if (dependent >= 0) throw new RangeError('the features are linearly dependent, so that no single solution is best')
}

const split = (coefficients: Float64Array, { bias, outputs }: Sizes): LinearCoefficients =>
  bias
    ? { bias: coefficients.slice(0, outputs), weights: coefficients.slice(outputs) }
    : { bias: new Float64Array(0), weights: coefficients }
