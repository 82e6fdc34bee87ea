import { given, keptFromZero } from '../ops.ts'
import { decayPenalty, decayRate, defineOptimizer, epsilon, learningRate, movingSquare, weightDecay } from './optimizer.ts'

export const adadelta = defineOptimizer({
  type: 'adadelta',
  summary: 'Steps scaled by the ratio of the roots of the squared steps and the squared gradients, both moving averages.',
  source: 'torch.optim.Adadelta',
  options: {
    learningRate: learningRate(1),
    rho: decayRate(0.9, 'Decay of both moving averages.'),
    epsilon: epsilon(1e-6),
    weightDecay: weightDecay(0),
  },
  penalty: decayPenalty,
  slots: (): Record<string, number> => ({ averageSquare: 0, averageSquareStep: 0 }),
  update: (ops, { parameter, gradient, slots, shared }, { rho, epsilon: eps }) => {
    const averageSquare = movingSquare(ops, given(slots, 'averageSquare'), gradient, rho)
    const averageSquareStep = given(slots, 'averageSquareStep')
    const ratio = ops.div(ops.sqrt(ops.add(averageSquareStep, keptFromZero(eps))), ops.sqrt(ops.add(averageSquare, keptFromZero(eps))))
    const change = ops.mul(ratio, gradient)
    return {
      parameter: ops.sub(parameter, ops.mul(change, shared.learningRate)),
      slots: { averageSquare, averageSquareStep: movingSquare(ops, averageSquareStep, change, rho) },
    }
  },
})
