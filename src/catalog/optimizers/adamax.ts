import { given, keptFromZero } from '../ops.ts'
import { biasCorrection, decayPenalty, decayRate, defineOptimizer, epsilon, learningRate, movingAverage, weightDecay } from './optimizer.ts'

export const adamax = defineOptimizer({
  type: 'adamax',
  summary: 'Adam with the largest decayed gradient in place of the root of the average square.',
  source: 'torch.optim.Adamax',
  options: {
    learningRate: learningRate(2e-3),
    beta1: decayRate(0.9, "Decay of the gradient's moving average."),
    beta2: decayRate(0.999, 'Decay of the largest gradient.'),
    epsilon: epsilon(1e-8),
    weightDecay: weightDecay(0),
  },
  penalty: decayPenalty,
  slots: (): Record<string, number> => ({ average: 0, largest: 0 }),
  prepare: (ops, { step, learningRate: rate }, { beta1 }) => ({ stepSize: ops.div(rate, biasCorrection(ops, step, beta1)) }),
  update: (ops, { parameter, gradient, slots, shared }, { beta1, beta2, epsilon: eps }) => {
    const average = movingAverage(ops, given(slots, 'average'), gradient, beta1)
    const largest = ops.maximum(ops.mul(given(slots, 'largest'), beta2), ops.add(ops.abs(gradient), keptFromZero(eps)))
    return { parameter: ops.sub(parameter, ops.mul(ops.div(average, largest), given(shared, 'stepSize'))), slots: { average, largest } }
  },
})
