import { Type } from 'typebox'
import { defineActivation } from '../activation.ts'

export const softplus = defineActivation({
  type: 'softplus',
  summary: 'log(1 + exp(beta · x)) / beta, a smooth relu.',
  source: 'torch.nn.Softplus',
  options: { beta: Type.Number({ exclusiveMinimum: 0, maximum: 1e6, default: 1, description: 'Sharpness of the bend.' }) },
  apply: (ops, x, { beta }) => (beta === 1 ? ops.softplus(x) : ops.mul(ops.softplus(ops.mul(x, beta)), 1 / beta)),
})
