import { Type } from 'typebox'
import { smallestNormal } from '../ops.ts'
import { defineLoss, differenceTerms, sameShape } from './loss.ts'

export const smoothL1 = defineLoss({
  type: 'smoothL1',
  summary: '(ŷ − y)² / (2 beta) up to a difference of beta, |ŷ − y| − beta / 2 beyond: huber divided by its delta.',
  source: 'torch.nn.SmoothL1Loss',
  options: { beta: Type.Number({ minimum: 0, maximum: 1e12, default: 1, description: 'Where the square turns into a line; 0 is l1.' }) },
  target: 'number',
  targetShapes: sameShape,
  terms: (ops, call, { beta }) => {
    if (beta === 0) return differenceTerms(ops, call, ops.abs, ops.sign)
    // Engines take a smaller bound for 0, and divide by it.
    const bound = Math.max(beta, smallestNormal)
    return differenceTerms(
      ops,
      call,
      (difference) => {
        const size = ops.abs(difference)
        const square = ops.div(ops.mul(ops.mul(size, 0.5), size), bound)
        return ops.where(ops.less(size, bound), square, ops.sub(size, bound / 2))
      },
      (difference) => ops.where(ops.greaterEqual(ops.abs(difference), bound), ops.sign(difference), ops.div(difference, bound)),
    )
  },
})
