import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ridgeOfWeightDecay, squaredLosses } from '../../../src/catalog/solvers.ts'
import { createLeastSquares } from '../../../src/numerics/least-squares.ts'

const features = [1, 2, -1, 0.5, 3, -2]
const labels = [2, 1, 0, -1, 4, -3]

describe('the ridge of a weight decay', () => {
  for (const type of squaredLosses) {
    for (const reduction of ['mean', 'sum']) {
      it(`the ridge of a weight decay puts the solution where the gradient of ${type} by ${reduction} and the decay cancel`, () => {
        const weightDecay = 0.3
        const squares = createLeastSquares({ features: 1, outputs: 1, bias: true })
        squares.add(features, labels)
        const solution = squares.solve({ ridge: ridgeOfWeightDecay(weightDecay, { type, reduction }, labels.length) })
        const [weight = 0, bias = 0] = [...solution.weights, ...solution.bias]
        const factor = (type === 'mse' ? 2 : 1) / (reduction === 'mean' ? labels.length : 1)
        const errors = labels.map((label, row) => factor * (weight * (features[row] ?? 0) + bias - label))
        const slope = errors.reduce((sum, error, row) => sum + error * (features[row] ?? 0), 0)
        const level = errors.reduce((sum, error) => sum + error, 0)
        assert.ok(Math.abs(slope + weightDecay * weight) < 1e-12)
        assert.ok(Math.abs(level + weightDecay * bias) < 1e-12)
      })
    }
  }
})
