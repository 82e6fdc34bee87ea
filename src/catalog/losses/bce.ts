import type { Tensor, TensorOps } from '../ops.ts'
import { defineLoss, inputAt, lastAxisWeights, sameShape, weightOfYes, weightOption } from './loss.ts'
import { asTheyAre } from './probabilities.ts'

/**
 * log(1 − p), exact for small p too (log1p): what 1 − p lost to rounding makes the logarithm wrong by the same factor.
 * `other` is 1 − p.
 */
const logarithmOfRest = (ops: TensorOps, probability: Tensor, other: Tensor): Tensor => {
  const lost = ops.equal(other, 1)
  const rounded = ops.sub(1, other)
  return ops.where(lost, ops.neg(probability), ops.mul(ops.log(other), ops.div(probability, ops.where(lost, 1, rounded))))
}

export const bce = defineLoss({
  type: 'bce',
  summary: '−(y · log ŷ + (1 − y) · log(1 − ŷ)) of probabilities; no logarithm counts below −100.',
  source: 'torch.nn.BCELoss',
  options: {
    weight: weightOption('One weight per value of the last axis; left out, all count the same.'),
    posWeight: weightOption(
      "One weight for positive targets per value of the last axis, as bceWithLogits has it; left out, 1, as in PyTorch's BCELoss.",
    ),
  },
  target: 'probability',
  lastActivation: 'sigmoid',
  threshold: 0.5,
  probabilities: asTheyAre,
  classWeights: weightOfYes,
  inputRange: { lowest: 0, highest: 1, expected: 'a probability between 0 and 1' },
  targetShapes: sameShape,
  targetRange: () => ({ lowest: 0, highest: 1, expected: 'between 0 and 1' }),
  terms: (ops, { inputs, target, save }, { weight, posWeight }) => {
    const probability = inputAt(inputs, 0)
    const other = ops.sub(1, probability)
    const logarithm = ops.maximum(ops.log(probability), -100)
    const logarithmOfOther = ops.maximum(logarithmOfRest(ops, probability, other), -100)
    // What a yes counts: its weight times y.
    const yes = posWeight ? ops.mul(lastAxisWeights(ops, posWeight, probability.shape), target) : target
    const entropy = ops.neg(ops.add(ops.mul(yes, logarithm), ops.mul(ops.sub(1, target), logarithmOfOther)))
    const scale = weight && lastAxisWeights(ops, weight, probability.shape)
    const saved = {
      probability: save(probability),
      other: save(other),
      target: save(target),
      yes: posWeight && save(yes),
      scale: scale && save(scale),
    }
    return {
      terms: scale ? ops.mul(entropy, scale) : entropy,
      derivatives: () => {
        const variance = ops.maximum(ops.mul(saved.probability(), saved.other()), 1e-12)
        // −yes / p + (1 − y) / (1 − p) over their common denominator; p − y without weights.
        const difference = saved.yes
          ? ops.sub(ops.mul(saved.probability(), ops.sub(1, saved.target())), ops.mul(saved.yes(), saved.other()))
          : ops.sub(saved.probability(), saved.target())
        const derivative = ops.div(difference, variance)
        return [saved.scale ? ops.mul(derivative, saved.scale()) : derivative]
      },
    }
  },
})
