import { defineActivation } from '../activation.ts'

export const linear = defineActivation({
  type: 'linear',
  summary: 'x itself.',
  source: 'torch.nn.Identity',
  options: {},
  apply: (_ops, x) => x,
})
