import { defineLoss, inputAt, margin as marginOption, withoutLastAxis } from './loss.ts'

export const cosineEmbedding = defineLoss({
  type: 'cosineEmbedding',
  summary: '1 − cos(a, b) if the target is 1, max(0, cos(a, b) − margin) if it is −1; the cosine is over the last axis.',
  source: 'torch.nn.CosineEmbeddingLoss',
  options: { margin: marginOption(0) },
  inputs: 2,
  target: 'sign',
  meanDividesBy: 'the number of rows',
  meanOver: 'rows',
  expects: (inputShape) => (inputShape.length === 1 || inputShape.length === 2 ? undefined : 'one or two axes'),
  targetShapes: withoutLastAxis,
  terms: (ops, { inputs, target, save }, { margin }) => {
    const [a, b] = [inputAt(inputs, 0), inputAt(inputs, 1)]
    const rowSum = (x: typeof a) => ops.sum(x, [-1], true)
    const product = rowSum(ops.mul(a, b))
    const squareOfA = ops.add(rowSum(ops.square(a)), 1e-12)
    const squareOfB = ops.add(rowSum(ops.square(b)), 1e-12)
    const lengths = ops.sqrt(ops.mul(squareOfA, squareOfB))
    const cosine = ops.div(product, lengths)
    const similar = ops.reshape(ops.greater(target, 0), cosine.shape)
    const different = ops.sub(1, similar)
    const excess = ops.sub(cosine, margin)
    const slope = ops.sub(ops.mul(different, ops.greaterEqual(excess, 0)), similar)
    const terms = ops.where(similar, ops.sub(1, cosine), ops.relu(excess))
    // Not divided by |a|² at once: if that is infinite, PyTorch's gradient by b is NaN.
    const ratio = ops.div(ops.div(ops.mul(slope, cosine), lengths), lengths)
    const saved = {
      a: save(a),
      b: save(b),
      share: save(ops.div(slope, lengths)),
      ratioOfA: save(ops.mul(ratio, squareOfB)),
      ratioOfB: save(ops.mul(ratio, squareOfA)),
    }
    // d cos / d a = b / (|a| |b|) − cos · a · |b|² / (|a| |b|)²
    return {
      terms: ops.reshape(terms, target.shape),
      derivatives: () => [
        ops.sub(ops.mul(saved.b(), saved.share()), ops.mul(saved.a(), saved.ratioOfA())),
        ops.sub(ops.mul(saved.a(), saved.share()), ops.mul(saved.b(), saved.ratioOfB())),
      ],
    }
  },
})
