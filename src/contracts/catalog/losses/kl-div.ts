import { Type } from 'typebox'
import { defineLoss, inputAt, sameShape } from '../loss.ts'

/** Smallest float32 of full precision: keeps the logarithm of a zero probability finite, which its factor 0 then drops. */
const tiny = 1.1754943508222875e-38

export const klDiv = defineLoss({
  type: 'klDiv',
  summary: 'y · (log y − ŷ), the Kullback-Leibler divergence of probabilities y from log-probabilities ŷ.',
  source: 'torch.nn.KLDivLoss',
  options: { logTarget: Type.Boolean({ default: false, description: 'Whether targets are log-probabilities too.' }) },
  target: 'number',
  targetShapes: sameShape,
  reductions: ['mean', 'sum', 'none', 'batchmean'],
  meanDividesBy: 'the number of values, classes included; batchmean, the divergence itself, divides by the number of rows',
  terms: (ops, { inputs, target, save }, { logTarget }) => {
    const probability = logTarget ? ops.exp(target) : target
    const logarithm = logTarget ? target : ops.log(ops.maximum(target, tiny))
    const saved = save(probability)
    return {
      terms: ops.mul(probability, ops.sub(logarithm, inputAt(inputs, 0))),
      derivatives: () => [saved()],
      factor: -1,
    }
  },
})
