import { defineLoss, inputAt, lastAxisWeights, sameShape, weightOfYes, weightOption } from './loss.ts'
import { sigmoid } from './probabilities.ts'

export const bceWithLogits = defineLoss({
  type: 'bceWithLogits',
  summary: 'bce of sigmoid(ŷ), computed without overflow.',
  source: 'torch.nn.BCEWithLogitsLoss',
  options: {
    weight: weightOption('One weight per value of the last axis; left out, all count the same.'),
    posWeight: weightOption('One weight for positive targets per value of the last axis; left out, 1.'),
  },
  target: 'probability',
  threshold: 0,
  probabilities: sigmoid,
  classWeights: weightOfYes,
  targetShapes: sameShape,
  terms: (ops, { inputs, target, save }, { weight, posWeight }) => {
    const logit = inputAt(inputs, 0)
    // (1 − y) · x + (1 + (posWeight − 1) · y) · log(1 + exp(−x)), where the second factor is 1 without posWeight.
    const positive = posWeight && ops.add(ops.mul(ops.sub(lastAxisWeights(ops, posWeight, logit.shape), 1), target), 1)
    const surprise = ops.softplus(ops.neg(logit))
    const entropy = ops.add(ops.mul(ops.sub(1, target), logit), positive ? ops.mul(positive, surprise) : surprise)
    const scale = weight && lastAxisWeights(ops, weight, logit.shape)
    const saved = { logit: save(logit), target: save(target), positive: positive && save(positive), scale: scale && save(scale) }
    return {
      terms: scale ? ops.mul(entropy, scale) : entropy,
      derivatives: () => {
        const derivative = saved.positive
          ? ops.sub(ops.sub(1, saved.target()), ops.mul(saved.positive(), ops.sigmoid(ops.neg(saved.logit()))))
          : ops.sub(ops.sigmoid(saved.logit()), saved.target())
        return [saved.scale ? ops.mul(derivative, saved.scale()) : derivative]
      },
    }
  },
})
