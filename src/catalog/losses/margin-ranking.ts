import { defineLoss, inputAt, margin as marginOption, sameShape } from './loss.ts'

export const marginRanking = defineLoss({
  type: 'marginRanking',
  summary: 'max(0, −y · (a − b) + margin) for two inputs a and b: y = 1 wants a above b, −1 below.',
  source: 'torch.nn.MarginRankingLoss',
  options: { margin: marginOption(0) },
  inputs: 2,
  target: 'sign',
  targetShapes: sameShape,
  terms: (ops, { inputs, target, save }, { margin }) => {
    const missing = ops.sub(margin, ops.mul(target, ops.sub(inputAt(inputs, 0), inputAt(inputs, 1))))
    const saved = { missing: save(missing), target: save(target) }
    return {
      terms: ops.relu(missing),
      derivatives: () => {
        const second = ops.mul(saved.target(), ops.greaterEqual(saved.missing(), 0))
        return [ops.neg(second), second]
      },
    }
  },
})
