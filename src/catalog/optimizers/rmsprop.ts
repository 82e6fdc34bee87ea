import { Type } from 'typebox'
import { given, keptFromZero } from '../ops.ts'
import {
  decayPenalty,
  decayRate,
  defineOptimizer,
  epsilon,
  learningRate,
  movingAverage,
  movingSquare,
  type Updated,
  weightDecay,
} from './optimizer.ts'

export const rmsprop = defineOptimizer({
  type: 'rmsprop',
  summary: "Steps divided by the root of the squared gradient's moving average.",
  source: 'torch.optim.RMSprop',
  options: {
    learningRate: learningRate(1e-2),
    alpha: decayRate(0.99, "Decay of the squared gradient's moving average."),
    epsilon: epsilon(1e-8),
    centered: Type.Boolean({ default: false, description: "Divide by an estimate of the gradient's standard deviation instead." }),
    momentum: Type.Number({ minimum: 0, maximum: 1, default: 0, description: 'Share of the last velocity that is kept.' }),
    weightDecay: weightDecay(0),
  },
  penalty: decayPenalty,
  slots: ({ centered, momentum }): Record<string, number> => ({
    averageSquare: 0,
    ...(centered ? { average: 0 } : {}),
    ...(momentum === 0 ? {} : { velocity: 0 }),
  }),
  update: (ops, { parameter, gradient, slots, shared }, { alpha, epsilon: eps, centered, momentum }): Updated => {
    const averageSquare = movingSquare(ops, given(slots, 'averageSquare'), gradient, alpha)
    const centering = centered ? { average: movingAverage(ops, given(slots, 'average'), gradient, alpha) } : undefined
    const variance = centering ? ops.sub(averageSquare, ops.square(centering.average)) : averageSquare
    const scaled = ops.div(gradient, ops.add(ops.sqrt(variance), keptFromZero(eps)))
    const moving = momentum === 0 ? undefined : { velocity: ops.add(ops.mul(given(slots, 'velocity'), momentum), scaled) }
    const direction = moving?.velocity ?? scaled
    return {
      parameter: ops.sub(parameter, ops.mul(direction, shared.learningRate)),
      slots: { averageSquare, ...centering, ...moving },
    }
  },
})
