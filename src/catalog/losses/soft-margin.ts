import { defineLoss, inputAt, sameShape } from './loss.ts'
import { sigmoid } from './probabilities.ts'

/** Above it exp overflows in float32. */
const largestExponent = 88.72283935546875

export const softMargin = defineLoss({
  type: 'softMargin',
  summary: 'log(1 + exp(−y · ŷ)) for targets −1 and 1; infinite, as in PyTorch, if −y · ŷ is above 88.7.',
  source: 'torch.nn.SoftMarginLoss',
  options: {},
  target: 'sign',
  threshold: 0,
  probabilities: sigmoid,
  targetShapes: sameShape,
  terms: (ops, { inputs, target, save }) => {
    const exponent = ops.neg(ops.mul(target, inputAt(inputs, 0)))
    const power = ops.exp(exponent)
    const saved = { power: save(power), target: save(target) }
    return {
      // Infinite if the power is, as in PyTorch.
      terms: ops.where(ops.greater(exponent, largestExponent), power, ops.softplus(exponent)),
      derivatives: () => [ops.mul(saved.target(), ops.div(saved.power(), ops.add(saved.power(), 1)))],
      factor: -1,
    }
  },
})
