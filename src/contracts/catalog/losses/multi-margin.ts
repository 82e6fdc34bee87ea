import { Type } from 'typebox'
import { classWeight, defineLoss, inputAt, margin as marginOption, withoutLastAxis } from '../loss.ts'

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
  classAxis: true,
  meanDividesBy: 'the number of rows, whatever the class weights',
  expects: (inputShape) => (inputShape.length === 1 || inputShape.length === 2 ? undefined : 'one or two axes'),
  targetShapes: withoutLastAxis,
  terms: (ops, { inputs, target, save }, { p, margin, weight }) => {
    const scores = inputAt(inputs, 0)
    const classes = scores.shape.at(-1) ?? 1
    const chosen = ops.oneHot(target, classes)
    const missing = ops.add(ops.sub(margin, ops.sum(ops.mul(scores, chosen), [-1], true)), scores)
    const rowWeight = weight && ops.sum(ops.mul(chosen, ops.constant(weight, [classes])), [-1], true)
    const hinge = ops.mul(ops.relu(missing), ops.sub(1, chosen))
    const weighted = rowWeight ? ops.mul(hinge, rowWeight) : hinge
    const active = ops.mul(ops.greater(hinge, 0), rowWeight ?? 1)
    const saved = { chosen: save(chosen), slope: save(p === 1 ? active : weighted) }
    return {
      terms: ops.mul(ops.sum(p === 1 ? weighted : ops.mul(weighted, hinge), [-1]), 1 / classes),
      derivatives: () => [ops.sub(saved.slope(), ops.mul(saved.chosen(), ops.sum(saved.slope(), [-1], true)))],
      factor: p / classes,
    }
  },
})
