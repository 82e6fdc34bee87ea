import { defineLoss, inputAt, margin as marginOption, sameShape } from './loss.ts'

export const hingeEmbedding = defineLoss({
  type: 'hingeEmbedding',
  summary: 'ŷ, a distance, if the target is 1; max(0, margin − ŷ) if it is −1.',
  source: 'torch.nn.HingeEmbeddingLoss',
  options: { margin: marginOption(1) },
  // No threshold: its output is a distance, and how small is near is not said.
  target: 'sign',
  targetShapes: sameShape,
  terms: (ops, { inputs, target, save }, { margin }) => {
    const distance = inputAt(inputs, 0)
    const similar = ops.greater(target, 0)
    const different = ops.sub(1, similar)
    const missing = ops.sub(margin, distance)
    const saved = { similar: save(similar), different: save(different), missing: save(missing) }
    return {
      terms: ops.where(similar, distance, ops.relu(missing)),
      derivatives: () => [ops.sub(saved.similar(), ops.mul(saved.different(), ops.greaterEqual(saved.missing(), 0)))],
    }
  },
})
