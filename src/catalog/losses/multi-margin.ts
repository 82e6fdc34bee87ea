import { Type } from 'typebox'
import { lastOf } from '../../numerics/must.ts'
import type { Tensor } from '../ops.ts'
import { classWeight, defineLoss, inputAt, margin as marginOption, weightPerClass, withoutLastAxis } from './loss.ts'

export const multiMargin = defineLoss({
  type: 'multiMargin',
  summary: 'Mean over the classes of max(0, margin − ŷ[y] + ŷ[i])^p, i not y, times the weight of class y.',
  source: 'torch.nn.MultiMarginLoss',
  options: {
    p: Type.Unsafe<1 | 2>({ enum: [1, 2], type: 'integer', default: 1, description: 'Power of the hinge.' }),
    margin: marginOption(1),
    weight: classWeight,
  },
  target: 'class',
  classWeights: weightPerClass,
  classAxis: true,
  meanDividesBy: 'the number of rows, whatever the class weights',
  meanOver: 'classTargets',
  expects: (inputShape) => (inputShape.length === 1 || inputShape.length === 2 ? undefined : 'one or two axes'),
  targetShapes: withoutLastAxis,
  terms: (ops, { inputs, target, save }, { p, margin, weight }) => {
    const scores = inputAt(inputs, 0)
    const classes = lastOf(scores.shape)
    const chosen = ops.oneHot(target, classes)
    const missing = ops.add(ops.sub(margin, ops.sum(ops.where(chosen, scores, 0), [-1], true)), scores)
    const exceeding = ops.mul(ops.greater(missing, 0), ops.sub(1, chosen))
    const rowWeight = weight && ops.sum(ops.mul(chosen, ops.constant(weight, [classes])), [-1], true)
    const hinge = ops.where(exceeding, missing, 0)
    const weighted = (x: Tensor): Tensor => (rowWeight ? ops.mul(x, rowWeight) : x)
    const active = ops.mul(exceeding, rowWeight ?? 1)
    const saved = { chosen: save(chosen), slope: save(p === 1 ? active : weighted(hinge)) }
    return {
      terms: ops.mul(ops.sum(weighted(p === 1 ? hinge : ops.mul(hinge, hinge)), [-1]), 1 / classes),
      derivatives: () => [ops.where(saved.chosen(), ops.neg(ops.sum(saved.slope(), [-1], true)), saved.slope())],
      factor: p / classes,
    }
  },
})
