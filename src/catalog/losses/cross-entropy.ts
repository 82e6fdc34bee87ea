import { Type } from 'typebox'
import { lastOf } from '../../numerics/must.ts'
import type { Save, Tensor, TensorOps } from '../ops.ts'
import { indexTerms, probabilityShares } from './class-shares.ts'
import { classWeight, defineLoss, ignoreIndex, inputAt, type LossTerms, weightPerClass } from './loss.ts'
import { softmax } from './probabilities.ts'

/** What reaches the log-probabilities, passed on through the softmax. */
const throughSoftmax = (ops: TensorOps, logProbabilities: Tensor, reaching: Tensor): Tensor =>
  ops.sub(reaching, ops.mul(ops.exp(logProbabilities), ops.sum(reaching, [-1], true)))

/** −Σ weight · share · log softmax(x) over the last axis. Products in PyTorch's order, since any of them may overflow. */
const sharedTerms = (ops: TensorOps, logits: Tensor, shares: Tensor, save: Save, weight?: number[]): LossTerms => {
  const logProbabilities = ops.logSoftmax(logits)
  const weights = weight && ops.constant(weight, [weight.length])
  const saved = { logProbabilities: save(logProbabilities), shares: save(shares), weights: weights && save(weights) }
  const parts = ops.mul(logProbabilities, shares)
  return {
    terms: ops.neg(ops.sum(weights ? ops.mul(parts, weights) : parts, [-1])),
    gradients: (share) => {
      const reaching = ops.neg(share)
      const weighted = saved.weights ? ops.mul(reaching, saved.weights()) : reaching
      return [throughSoftmax(ops, saved.logProbabilities(), ops.mul(weighted, saved.shares()))]
    },
  }
}

/** As nll of log softmax(x). */
const chosenTerms = (ops: TensorOps, logits: Tensor, target: Tensor, save: Save, options: Parameters<typeof indexTerms>[2]): LossTerms => {
  const logProbabilities = ops.logSoftmax(logits)
  const saved = save(logProbabilities)
  const { gradient, ...terms } = indexTerms(ops, { logProbabilities, target, save }, options)
  return { ...terms, gradients: (share) => [throughSoftmax(ops, saved(), gradient(share))] }
}

export const crossEntropy = defineLoss({
  type: 'crossEntropy',
  summary: '−log softmax(ŷ) at the target class, over the class axis; targets are class indices, or probabilities of all classes.',
  source: 'torch.nn.CrossEntropyLoss',
  options: {
    weight: classWeight,
    ignoreIndex,
    labelSmoothing: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0,
      description: 'Share of each target that is spread evenly over all classes.',
    }),
  },
  target: 'class',
  probabilities: softmax,
  classWeights: weightPerClass,
  classAxis: true,
  meanDividesBy:
    'the sum of the target classes’ weights without ignored rows, the number of rows if all weigh 1; with probabilities, the number of rows',
  meanOver: 'classTargets',
  targetShapes: (inputShape) => [inputShape.slice(0, -1), [...inputShape]],
  terms: (ops, { inputs, target, save }, options) => {
    const logits = inputAt(inputs, 0)
    const classes = lastOf(logits.shape)
    if (target.shape.length === logits.shape.length) {
      return sharedTerms(ops, logits, probabilityShares(ops, target, classes, options.labelSmoothing), save, options.weight)
    }
    if (options.weight === undefined && options.ignoreIndex === undefined && options.labelSmoothing === 0) {
      const { terms, derivative } = ops.softmaxCrossEntropy(logits, target, save)
      return { terms, derivatives: () => [derivative()] }
    }
    return chosenTerms(ops, logits, target, save, options)
  },
})
