import { Type } from 'typebox'
import { defineLoss, inputAt, sameShape } from './loss.ts'

export const klDiv = defineLoss({
  type: 'klDiv',
  summary: 'y · (log y − ŷ), the Kullback-Leibler divergence of probabilities y from log-probabilities ŷ.',
  source: 'torch.nn.KLDivLoss',
  options: { logTarget: Type.Boolean({ default: false, description: 'Whether targets are log-probabilities too.' }) },
  target: 'number',
  lastActivation: 'logSoftmax',
  targetShapes: sameShape,
  // The logarithm of a negative number is none.
  targetRange: ({ logTarget }) =>
    logTarget ? undefined : { lowest: 0, highest: Number.POSITIVE_INFINITY, expected: 'a probability, at least 0' },
  reductions: ['mean', 'sum', 'none', 'batchmean'],
  meanDividesBy: 'the number of values, classes included; batchmean, the divergence itself, divides by the number of rows',
  terms: (ops, { inputs, target, save }, { logTarget }) => {
    const input = inputAt(inputs, 0)
    const probability = logTarget ? ops.exp(target) : target
    const saved = save(probability)
    // y · log y is 0 if y is; the rest is left to be NaN if PyTorch's is.
    const entropy = () => ops.where(ops.equal(target, 0), 0, ops.mul(target, ops.log(target)))
    return {
      terms: logTarget ? ops.mul(probability, ops.sub(target, input)) : ops.sub(entropy(), ops.mul(target, input)),
      derivatives: () => [saved()],
      factor: -1,
    }
  },
})
