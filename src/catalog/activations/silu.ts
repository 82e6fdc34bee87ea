import { defineActivation } from '../activation.ts'

export const silu = defineActivation({
  type: 'silu',
  summary: 'x · sigmoid(x), also called swish.',
  source: 'torch.nn.SiLU',
  options: {},
  apply: (ops, x) => ops.mul(x, ops.sigmoid(x)),
})
