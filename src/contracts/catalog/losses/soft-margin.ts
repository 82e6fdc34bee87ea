import { defineLoss, inputAt, sameShape } from '../loss.ts'

export const softMargin = defineLoss({
  type: 'softMargin',
  summary: 'log(1 + exp(−y · ŷ)) for targets −1 and 1.',
  source: 'torch.nn.SoftMarginLoss',
  options: {},
  target: 'sign',
  targetShapes: sameShape,
  terms: (ops, { inputs, target, save }) => {
    const exponent = ops.neg(ops.mul(target, inputAt(inputs, 0)))
    const saved = { exponent: save(exponent), target: save(target) }
    return {
      terms: ops.softplus(exponent),
      derivatives: () => [ops.mul(saved.target(), ops.sigmoid(saved.exponent()))],
      factor: -1,
    }
  },
})
