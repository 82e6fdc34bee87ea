import { defineLoss, differenceTerms, sameShape } from './loss.ts'

export const halfSquared = defineLoss({
  type: 'halfSquared',
  summary: '(ŷ − y)² / 2, the squared error as a notebook from scratch writes it.',
  source: "Dive into Deep Learning, 'Linear Regression Implementation from Scratch', squared_loss",
  options: {},
  target: 'number',
  unitPower: 2,
  shareOfSquare: 0.5,
  targetShapes: sameShape,
  terms: (ops, call) =>
    differenceTerms(
      ops,
      call,
      (difference) => ops.mul(ops.square(difference), 0.5),
      (difference) => difference,
    ),
})
