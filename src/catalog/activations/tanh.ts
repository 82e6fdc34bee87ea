import { defineActivation } from '../activation.ts'

export const tanh = defineActivation({
  type: 'tanh',
  summary: 'Hyperbolic tangent.',
  source: 'torch.nn.Tanh',
  options: {},
  apply: (ops, x) => ops.tanh(x),
})
