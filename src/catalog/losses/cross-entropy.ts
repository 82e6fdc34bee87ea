import { Type } from 'typebox'
import type { Save, Tensor, TensorOps } from '../ops.ts'
import { indexTerms, probabilityShares } from './class-shares.ts'
import { classWeight, defineLoss, ignoreIndex, inputAt, type LossTerms } from './loss.ts'

/** −Σ share · log softmax(x) over the last axis; its derivative is softmax(x) · Σ share − share. */
const sharedTerms = (ops: TensorOps, logits: Tensor, shares: Tensor, save: Save): LossTerms => {
  const logProbabilities = ops.logSoftmax(logits)
  const saved = { logProbabilities: save(logProbabilities), shares: save(shares) }
  return {
    terms: ops.neg(ops.sum(ops.mul(shares, logProbabilities), [-1])),
    derivatives: () => [ops.sub(ops.mul(ops.exp(saved.logProbabilities()), ops.sum(saved.shares(), [-1], true)), saved.shares())],
  }
}

/** As nll of log softmax(x), passed on through the softmax. */
const chosenTerms = (ops: TensorOps, logits: Tensor, target: Tensor, save: Save, options: Parameters<typeof indexTerms>[2]): LossTerms => {
  const logProbabilities = ops.logSoftmax(logits)
  const saved = save(logProbabilities)
  const { gradient, ...terms } = indexTerms(ops, { logProbabilities, target, save }, options)
  return {
    ...terms,
    gradients: (share) => {
      const reaching = gradient(share)
      return [ops.sub(reaching, ops.mul(ops.exp(saved()), ops.sum(reaching, [-1], true)))]
    },
  }
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
  classAxis: true,
  meanDividesBy:
    'the sum of the target classes’ weights without ignored rows, the number of rows where all weigh 1; with probabilities, the number of rows',
  targetShapes: (inputShape) => [inputShape.slice(0, -1), [...inputShape]],
  terms: (ops, { inputs, target, save }, options) => {
    const logits = inputAt(inputs, 0)
    const classes = logits.shape.at(-1) ?? 1
    if (target.shape.length === logits.shape.length) {
      return sharedTerms(ops, logits, probabilityShares(ops, target, classes, options), save)
    }
    if (options.weight === undefined && options.ignoreIndex === undefined && options.labelSmoothing === 0) {
      const { terms, derivative } = ops.softmaxCrossEntropy(logits, target, save)
      return { terms, derivatives: () => [derivative()] }
    }
    return chosenTerms(ops, logits, target, save, options)
  },
})
