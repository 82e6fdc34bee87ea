import { classWeight, defineLoss, ignoreIndex, weightPerClass, withoutLastAxis } from './loss.ts'
import { nllTerms } from './nll-terms.ts'
import { exponential } from './probabilities.ts'

export const nll = defineLoss({
  type: 'nll',
  summary: '−ŷ at the target class, ŷ being log-probabilities over the class axis.',
  source: 'torch.nn.NLLLoss',
  options: { weight: classWeight, ignoreIndex },
  target: 'class',
  lastActivation: 'logSoftmax',
  probabilities: exponential,
  classWeights: weightPerClass,
  classAxis: true,
  meanDividesBy: 'the sum of the target classes’ weights without ignored rows, the number of rows if all weigh 1',
  meanOver: 'classTargets',
  targetShapes: withoutLastAxis,
  terms: nllTerms,
})
