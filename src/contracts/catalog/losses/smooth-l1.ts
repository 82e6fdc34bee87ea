import { Type } from 'typebox'
import { defineLoss, differenceTerms, sameShape } from '../loss.ts'
import { huberDerivative, huberTerm } from './huber-rule.ts'

export const smoothL1 = defineLoss({
  type: 'smoothL1',
  summary: '(ŷ − y)² / (2 beta) up to a difference of beta, |ŷ − y| − beta / 2 beyond: huber divided by its delta.',
  source: 'torch.nn.SmoothL1Loss',
  options: { beta: Type.Number({ minimum: 0, maximum: 1e12, default: 1, description: 'Where the square turns into a line; 0 is l1.' }) },
  target: 'number',
  targetShapes: sameShape,
  terms: (ops, call, { beta }) => {
    if (beta === 0) return differenceTerms(ops, call, ops.abs, ops.sign)
    const term = huberTerm(ops, beta)
    return differenceTerms(ops, call, (difference) => ops.mul(term(difference), 1 / beta), huberDerivative(ops, beta), 1 / beta)
  },
})
