import { defineActivation } from '../activation.ts'

const alpha = 1.6732632423543772
const scale = 1.0507009873554805

export const selu = defineActivation({
  type: 'selu',
  summary: 'scale · x above 0, scale · alpha · (exp(x) − 1) from 0 down, with the constants that keep mean 0 and variance 1.',
  source: 'torch.nn.SELU',
  options: {},
  apply: (ops, x) =>
    ops.customGradient([x], (save) => {
      const below = ops.expm1(ops.minimum(x, 0))
      const saved = { below: save(below), above: save(ops.greater(x, 0)) }
      return {
        value: ops.add(ops.mul(ops.relu(x), scale), ops.mul(below, scale * alpha)),
        gradients: (upstream) => [
          ops.mul(upstream, ops.add(ops.mul(ops.add(saved.below(), 1), scale * alpha), ops.mul(saved.above(), scale * (1 - alpha)))),
        ],
      }
    }),
})
