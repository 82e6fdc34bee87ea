/** What Adam and AdamW share: Kingma and Ba, "Adam", as torch.optim computes it. */
import { Type } from 'typebox'
import { given, keptFromZero, type Tensor, type TensorOps, type Tensors } from '../ops.ts'
import { biasCorrection, decayRate, epsilon, movingAverage, movingSquare } from './optimizer.ts'

/** Options of both, PyTorch's betas and eps under one name each. */
export const adamOptions = {
  beta1: decayRate(0.9, "Decay of the gradient's moving average."),
  beta2: decayRate(0.999, "Decay of the squared gradient's moving average."),
  epsilon: epsilon(1e-8),
  amsgrad: Type.Boolean({ default: false, description: 'Divide by the largest average of squares so far.' }),
}

/** Times a root of 0.01 or so, a smaller one could be taken for 0. */
const smallEpsilon = 1e-30

type AdamOptions = { beta1: number; beta2: number; epsilon: number; amsgrad: boolean }

export const adamSlots = ({ amsgrad }: AdamOptions): Record<string, number> => ({
  average: 0,
  averageSquare: 0,
  ...(amsgrad ? { largestAverageSquare: 0 } : {}),
})

/**
 * Both bias corrections as one step size and one epsilon, so that each parameter needs no division more:
 * rate/c1 · m / (sqrt(v)/sqrt(c2) + eps) = rate·sqrt(c2)/c1 · m / (sqrt(v) + eps·sqrt(c2)).
 */
export const prepareAdam = (
  ops: TensorOps,
  { step, learningRate }: { step: Tensor; learningRate: Tensor },
  { beta1, beta2, epsilon: eps }: AdamOptions,
): Tensors => {
  const root = ops.sqrt(biasCorrection(ops, step, beta2))
  const epsilon = ops.mul(root, keptFromZero(eps))
  return {
    stepSize: ops.div(ops.mul(learningRate, root), biasCorrection(ops, step, beta1)),
    epsilon: eps > 0 && eps < smallEpsilon ? ops.maximum(epsilon, keptFromZero(eps)) : epsilon,
  }
}

/** One parameter's update; the gradient and the parameter come with their weight decay done. */
export const adamUpdate = (
  ops: TensorOps,
  { parameter, gradient, slots, shared }: { parameter: Tensor; gradient: Tensor; slots: Tensors; shared: Tensors },
  { beta1, beta2, amsgrad }: AdamOptions,
): { parameter: Tensor; slots: Tensors } => {
  const average = movingAverage(ops, given(slots, 'average'), gradient, beta1)
  const averageSquare = movingSquare(ops, given(slots, 'averageSquare'), gradient, beta2)
  const largest = amsgrad ? { largestAverageSquare: ops.maximum(given(slots, 'largestAverageSquare'), averageSquare) } : undefined
  const denominator = ops.add(ops.sqrt(largest?.largestAverageSquare ?? averageSquare), given(shared, 'epsilon'))
  const change = ops.mul(ops.div(average, denominator), given(shared, 'stepSize'))
  return { parameter: ops.sub(parameter, change), slots: { average, averageSquare, ...largest } }
}
