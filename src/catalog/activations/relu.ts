import { defineActivation } from '../activation.ts'

export const relu = defineActivation({
  type: 'relu',
  summary: 'max(0, x); its gradient at 0 is 0.',
  source: 'torch.nn.ReLU',
  options: {},
  apply: (ops, x) => ops.relu(x),
})
