import { Type } from 'typebox'
import { huberDerivative, huberTerm } from './huber-rule.ts'
import { defineLoss, differenceTerms, sameShape } from './loss.ts'

export const huber = defineLoss({
  type: 'huber',
  summary: '(ŷ − y)² / 2 up to a difference of delta, delta · (|ŷ − y| − delta / 2) beyond.',
  source: 'torch.nn.HuberLoss',
  options: {
    delta: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e12,
      default: 1,
      description: 'The difference at which the square turns into a line.',
    }),
  },
  target: 'number',
  unitPower: 2,
  targetShapes: sameShape,
  terms: (ops, call, { delta }) => {
    // As a float32, which may be 0.
    const bound = Math.fround(delta)
    return differenceTerms(ops, call, huberTerm(ops, bound), huberDerivative(ops, bound))
  },
})
