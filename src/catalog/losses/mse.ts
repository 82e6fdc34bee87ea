import { defineLoss, differenceTerms, sameShape } from './loss.ts'

export const mse = defineLoss({
  type: 'mse',
  summary: '(ŷ − y)², the squared error.',
  source: 'torch.nn.MSELoss',
  options: {},
  target: 'number',
  unitPower: 2,
  shareOfSquare: 1,
  targetShapes: sameShape,
  terms: (ops, call) => differenceTerms(ops, call, ops.square, (difference) => difference, 2),
})
