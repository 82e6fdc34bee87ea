import { Type } from 'typebox'
import { defineActivation } from '../activation.ts'

export const leakyRelu = defineActivation({
  type: 'leakyRelu',
  summary: 'x above 0, negativeSlope · x from 0 down; its gradient at 0 is that slope.',
  source: 'torch.nn.LeakyReLU',
  options: { negativeSlope: Type.Number({ minimum: -1e6, maximum: 1e6, default: 0.01, description: 'Slope below zero.' }) },
  apply: (ops, x, { negativeSlope }) =>
    ops.customGradient([x], (save) => {
      const factor = ops.add(ops.mul(ops.greater(x, 0), 1 - negativeSlope), negativeSlope)
      const saved = save(factor)
      return { value: ops.mul(x, factor), gradients: (upstream) => [ops.mul(upstream, saved())] }
    }),
})
