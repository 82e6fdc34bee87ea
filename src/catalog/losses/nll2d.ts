import { classWeight, defineLoss, ignoreIndex, weightPerClass, withoutLastAxis } from './loss.ts'
import { nllTerms } from './nll-terms.ts'
import { exponential } from './probabilities.ts'

export const nll2d = defineLoss({
  type: 'nll2d',
  summary: 'nll of every pixel of an image.',
  source: 'torch.nn.NLLLoss2d',
  options: { weight: classWeight, ignoreIndex },
  target: 'class',
  lastActivation: 'logSoftmax',
  probabilities: exponential,
  classWeights: weightPerClass,
  classAxis: true,
  meanDividesBy: 'the sum of the target classes’ weights without ignored pixels, the number of pixels if all weigh 1',
  meanOver: 'classTargets',
  expects: (inputShape) => (inputShape.length === 4 ? undefined : 'four axes: rows, height, width and classes'),
  targetShapes: withoutLastAxis,
  terms: nllTerms,
})
