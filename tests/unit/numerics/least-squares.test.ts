import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLeastSquares } from '../../../src/numerics/least-squares.ts'
import { createStream } from '../../../src/numerics/random.ts'

// Expected values: statsmodels' OLS, and NumPy's normal equations for the ridge.
const features = [
  2.041, -2.556, 0.418, -0.568, -0.453, -0.216, -2.02, -0.232, -0.865, 3.323, 0.226, -0.353, -0.281, -0.668, -1.055, -0.391, 0.482, -0.239,
  0.958, -0.2, 0.024, 1.546, 0.545, -0.505,
]
const labels = [16.918, 7.129, 4.609, 0.868, -8.901, 6.153, 5.643, 3.332, 6.241, 6.97, -0.981, 7.208]

const assertNear = (actual: ArrayLike<number>, expected: number[], tolerance = 1e-12): void => {
  assert.equal(actual.length, expected.length)
  expected.forEach((value, index) => {
    assert.ok(
      Math.abs((actual[index] ?? Number.NaN) - value) <= tolerance * Math.max(1, Math.abs(value)),
      `[${index}] ${actual[index]}, expected ${value}`,
    )
  })
}

const fit = (options: { outputs?: number; bias?: boolean; ridge?: number } = {}) => {
  const { outputs = 1, bias = true, ridge } = options
  const squares = createLeastSquares({ features: 2, outputs, bias })
  squares.add(features, outputs === 1 ? labels : labels.flatMap((label) => [label, -2 * label + 1]))
  return squares.solve({ ridge })
}

describe('least squares', () => {
  it('least squares gives coefficients, standard errors and R² of ordinary regression', () => {
    const solution = fit()
    assertNear(solution.bias, [4.296199529308066])
    assertNear(solution.weights, [2.0504495872182837, -3.393386833388894])
    assertNear(solution.standardErrors.bias, [0.07169328007425686])
    assertNear(solution.standardErrors.weights, [0.08152282066555729, 0.0612531971733858])
    assertNear(solution.r2, [0.9986393130703194])
    assertNear(solution.residualSumOfSquares, [0.552031162137763], 1e-10)
    assert.equal(solution.degreesOfFreedom, 9)
  })

  it('compares with zero where there is no bias', () => {
    const solution = fit({ bias: false })
    assert.equal(solution.bias.length, 0)
    assertNear(solution.weights, [1.881131570274474, -3.6667720290578467])
    assertNear(solution.standardErrors.weights, [1.5458513731807508, 1.1589651469153854])
    assertNear(solution.r2, [0.6651943654652602])
  })

  it('least squares shrinks every coefficient by a ridge, the bias too, and counts effective degrees of freedom', () => {
    const solution = fit({ ridge: 2.5 })
    assertNear(solution.bias, [3.5741639223285486])
    assertNear(solution.weights, [1.8341076324549594, -3.1415873216118366])
    assertNear(solution.standardErrors.bias, [0.2449652119873147])
    assertNear(solution.standardErrors.weights, [0.2591356547091782, 0.2108963373391118])
    assertNear([solution.degreesOfFreedom], [9.507667083655573])
    assertNear(solution.r2, [0.9754170123537667])
  })

  it('solves several outputs at once', () => {
    const solution = fit({ outputs: 2 })
    assertNear(solution.bias, [4.296199529308066, 1 - 2 * 4.296199529308066])
    assertNear(solution.weights, [2.0504495872182837, -2 * 2.0504495872182837, -3.393386833388894, 2 * 3.393386833388894])
    assertNear(solution.standardErrors.bias, [0.07169328007425686, 2 * 0.07169328007425686])
    assertNear(solution.r2, [0.9986393130703194, 0.9986393130703194])
  })

  it('least squares gives the same answer whatever the batches that rows come in, and the truth behind many', () => {
    const rows = 5000
    const x = createStream({ seed: 1, purpose: 'data' }).normals(rows * 3)
    const noise = createStream({ seed: 1, purpose: 'data', index: 1 }).normals(rows)
    const y = noise.map((value, row) => 2 * (x[row * 3] ?? 0) - 3.4 * (x[row * 3 + 1] ?? 0) + 4.2 + 0.01 * value)
    const whole = createLeastSquares({ features: 3, outputs: 1, bias: true })
    whole.add(x, y)
    const inBatches = createLeastSquares({ features: 3, outputs: 1, bias: true })
    for (let from = 0; from < rows; from += 700) inBatches.add(x.subarray(from * 3, (from + 700) * 3), y.subarray(from, from + 700))
    const [solution, again] = [whole.solve(), inBatches.solve()]
    assertNear(solution.weights, [2, -3.4, 0], 1e-3)
    assertNear(solution.bias, [4.2], 1e-3)
    assertNear(again.weights, [...solution.weights], 1e-10)
    assertNear(again.standardErrors.weights, [...solution.standardErrors.weights], 1e-8)
    assertNear(solution.standardErrors.bias, [0.01 / Math.sqrt(rows)], 1e-5)
  })

  it('least squares refuses features that depend on each other, unless a ridge decides', () => {
    const squares = createLeastSquares({ features: 2, outputs: 1, bias: true })
    squares.add([1, 2, 2, 4, 3, 6, 5, 10], [1, 2, 3, 5])
    assert.throws(() => squares.solve(), RangeError)
    const { weights } = squares.solve({ ridge: 0.1 })
    assertNear([2 * (weights[0] ?? 0)], [weights[1] ?? 0])
    const short = createLeastSquares({ features: 3, outputs: 1, bias: true })
    short.add([1, 0, 0, 0, 1, 0], [1, 2])
    assert.throws(() => short.solve(), RangeError)
  })

  it('least squares gives no standard error where no degree of freedom is left', () => {
    const squares = createLeastSquares({ features: 1, outputs: 1, bias: true })
    squares.add([1, 2], [3, 5])
    const solution = squares.solve()
    assertNear(solution.weights, [2])
    assertNear(solution.bias, [1])
    assert.ok(Number.isNaN(solution.standardErrors.weights[0]))
  })
})
