import { lastOf } from '../../numerics/must.ts'
import type { Tensor, TensorOps } from '../ops.ts'
import { defineLoss, inputAt, sameShape } from './loss.ts'

/** How often each class is named in lists of indices `[..., C]` that end at the first negative one. */
const namedClasses = (ops: TensorOps, lists: Tensor, classes: number): Tensor => {
  const listed = ops.equal(ops.cumulativeSum(ops.less(lists, 0)), 0)
  return ops.sum(ops.mul(ops.oneHot(lists, classes), ops.reshape(listed, [...lists.shape, 1])), [-2])
}

export const multiLabelMargin = defineLoss({
  type: 'multiLabelMargin',
  summary: 'Mean over the classes of max(0, 1 − ŷ[j] + ŷ[i]) for every target class j and every other class i.',
  source: 'torch.nn.MultiLabelMarginLoss',
  options: {},
  target: 'classList',
  meanDividesBy: 'the number of rows',
  meanOver: 'rows',
  expects: (inputShape) => (inputShape.length === 1 || inputShape.length === 2 ? undefined : 'one or two axes'),
  targetShapes: sameShape,
  terms: (ops, { inputs, target, save }) => {
    const scores = inputAt(inputs, 0)
    const classes = lastOf(scores.shape)
    const rows = scores.shape.slice(0, -1)
    const down = (x: Tensor) => ops.reshape(x, [...rows, classes, 1])
    const across = (x: Tensor) => ops.reshape(x, [...rows, 1, classes])
    const named = namedClasses(ops, target, classes)
    const pairs = ops.mul(down(named), across(ops.equal(named, 0)))
    const missing = ops.add(ops.sub(1, down(scores)), across(scores))
    const active = ops.mul(pairs, ops.greater(missing, 0))
    const hinge = ops.where(ops.greater(active, 0), missing, 0)
    const saved = save(active)
    return {
      terms: ops.mul(ops.sum(ops.mul(active, hinge), [-2, -1]), 1 / classes),
      derivatives: () => [ops.sub(ops.sum(saved(), [-2]), ops.sum(saved(), [-1]))],
      factor: 1 / classes,
    }
  },
})
