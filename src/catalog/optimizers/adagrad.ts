import { Type } from 'typebox'
import { given, keptFromZero } from '../ops.ts'
import { decayPenalty, defineOptimizer, epsilon, learningRate, weightDecay } from './optimizer.ts'

export const adagrad = defineOptimizer({
  type: 'adagrad',
  summary: 'Steps divided by the root of the sum of all squared gradients.',
  source: 'torch.optim.Adagrad',
  options: {
    learningRate: learningRate(1e-2),
    lrDecay: Type.Number({
      minimum: 0,
      maximum: 1e6,
      default: 0,
      description: 'The learning rate is divided by 1 + (step − 1) · lrDecay.',
    }),
    weightDecay: weightDecay(0),
    initialAccumulatorValue: Type.Number({ minimum: 0, maximum: 1e6, default: 0, description: 'What the sum of squares starts with.' }),
    epsilon: epsilon(1e-10),
  },
  penalty: decayPenalty,
  slots: ({ initialAccumulatorValue }): Record<string, number> => ({ sumSquare: initialAccumulatorValue }),
  prepare: (ops, { step, learningRate: rate }, { lrDecay }) =>
    lrDecay === 0 ? { stepSize: rate } : { stepSize: ops.div(rate, ops.add(ops.mul(ops.sub(step, 1), lrDecay), 1)) },
  update: (ops, { parameter, gradient, slots, shared }, { epsilon: eps }) => {
    const sumSquare = ops.add(given(slots, 'sumSquare'), ops.square(gradient))
    const scaled = ops.div(gradient, ops.add(ops.sqrt(sumSquare), keptFromZero(eps)))
    return { parameter: ops.sub(parameter, ops.mul(scaled, given(shared, 'stepSize'))), slots: { sumSquare } }
  },
})
