import { lastOf } from '../../numerics/must.ts'
import { classWeight, defineLoss, inputAt, lastAxisWeights, sameShape } from './loss.ts'
import { sigmoid } from './probabilities.ts'

export const multiLabelSoftMargin = defineLoss({
  type: 'multiLabelSoftMargin',
  summary: 'Mean over the last axis of bceWithLogits, one yes or no per class.',
  source: 'torch.nn.MultiLabelSoftMarginLoss',
  options: { weight: classWeight },
  target: 'probability',
  threshold: 0,
  probabilities: sigmoid,
  meanDividesBy: 'the number of rows',
  meanOver: 'rows',
  expects: (inputShape) => (inputShape.length > 0 ? undefined : 'at least one axis'),
  targetShapes: sameShape,
  terms: (ops, { inputs, target, save }, { weight }) => {
    const logits = inputAt(inputs, 0)
    const classes = lastOf(logits.shape)
    const entropy = ops.add(ops.mul(target, ops.softplus(ops.neg(logits))), ops.mul(ops.sub(1, target), ops.softplus(logits)))
    const scale = weight && lastAxisWeights(ops, weight, logits.shape)
    const saved = { logits: save(logits), target: save(target), scale: scale && save(scale) }
    return {
      terms: ops.mean(scale ? ops.mul(entropy, scale) : entropy, [-1]),
      derivatives: () => {
        const derivative = ops.sub(ops.sigmoid(saved.logits()), saved.target())
        return [saved.scale ? ops.mul(derivative, saved.scale()) : derivative]
      },
      factor: 1 / classes,
    }
  },
})
