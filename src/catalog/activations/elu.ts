import { Type } from 'typebox'
import { defineActivation } from '../activation.ts'

export const elu = defineActivation({
  type: 'elu',
  summary: 'x above 0, alpha · (exp(x) − 1) from 0 down.',
  source: 'torch.nn.ELU',
  options: { alpha: Type.Number({ minimum: -1e6, maximum: 1e6, default: 1, description: 'Height of the plateau below zero.' }) },
  apply: (ops, x, { alpha }) =>
    ops.customGradient([x], (save) => {
      const below = ops.expm1(ops.minimum(x, 0))
      const saved = { below: save(below), above: save(ops.greater(x, 0)) }
      return {
        value: ops.add(ops.relu(x), ops.mul(below, alpha)),
        // Above 0 `below` is 0, so that alpha · (below + 1) has to be taken out again there.
        gradients: (upstream) => [ops.mul(upstream, ops.add(ops.mul(ops.add(saved.below(), 1), alpha), ops.mul(saved.above(), 1 - alpha)))],
      }
    }),
})
