import { defineActivation } from '../activation.ts'

export const logSoftmax = defineActivation({
  type: 'logSoftmax',
  summary: 'x − log(sum(exp(x))) over the last axis.',
  source: 'torch.nn.LogSoftmax',
  options: {},
  apply: (ops, x) => ops.logSoftmax(x),
})
