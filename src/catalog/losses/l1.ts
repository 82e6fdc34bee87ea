import { defineLoss, differenceTerms, sameShape } from './loss.ts'

export const l1 = defineLoss({
  type: 'l1',
  summary: '|ŷ − y|; its gradient is 0 if both are equal.',
  source: 'torch.nn.L1Loss',
  options: {},
  target: 'number',
  unitPower: 1,
  targetShapes: sameShape,
  terms: (ops, call) => differenceTerms(ops, call, ops.abs, ops.sign),
})
