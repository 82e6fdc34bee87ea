import { Type } from 'typebox'
import { defineActivation } from '../activation.ts'

export const gelu = defineActivation({
  type: 'gelu',
  summary: 'x · P(Z <= x) for a standard normal Z, or its approximation by tanh.',
  source: 'torch.nn.GELU',
  options: {
    approximate: Type.Union([Type.Literal('none'), Type.Literal('tanh')], {
      default: 'none',
      description: 'none: by erf; tanh: the approximation.',
    }),
  },
  apply: (ops, x, { approximate }) => {
    const half = ops.mul(x, 0.5)
    if (approximate === 'none') return ops.mul(half, ops.add(ops.erf(ops.mul(x, Math.SQRT1_2)), 1))
    const cubic = ops.mul(x, ops.add(ops.mul(ops.square(x), 0.044715), 1))
    return ops.mul(half, ops.add(ops.tanh(ops.mul(cubic, Math.sqrt(2 / Math.PI))), 1))
  },
})
