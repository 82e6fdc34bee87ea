import { defineActivation } from '../activation.ts'

export const softmax = defineActivation({
  type: 'softmax',
  summary: 'exp(x) / sum(exp(x)) over the last axis.',
  source: 'torch.nn.Softmax',
  options: {},
  apply: (ops, x) => ops.softmax(x),
})
