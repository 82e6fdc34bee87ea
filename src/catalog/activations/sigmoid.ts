import { defineActivation } from '../activation.ts'

export const sigmoid = defineActivation({
  type: 'sigmoid',
  summary: '1 / (1 + exp(−x)).',
  source: 'torch.nn.Sigmoid',
  options: {},
  apply: (ops, x) => ops.sigmoid(x),
})
