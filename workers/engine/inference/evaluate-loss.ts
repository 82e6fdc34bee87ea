/** Answers a request to evaluate a loss: its value, and the gradients of the sum of that by each input. */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import { fromJsonNumber, toJsonNumber, toJsonNumbers } from '../../../src/api/numbers.ts'
import { type LossType, lossCatalog } from '../../../src/catalog/losses/all-losses.ts'
import { ignoredByDefault } from '../../../src/catalog/losses/class-shares.ts'
import type { Loss } from '../../../src/catalog/losses/loss.ts'
import { classAxisLast, evaluationErrors } from '../../../src/catalog/losses/loss-errors.ts'
import { reducedLoss } from '../../../src/catalog/losses/reduce-loss.ts'
import type { TensorOps } from '../../../src/catalog/ops.ts'
import type { EvaluateRequest, EvaluateResponse, JsonTensor } from '../../../src/contracts/inference.ts'
import { throwIfInvalid } from '../../../src/validation/validation-errors.ts'
import { type Tf, unwrap } from '../step/tape.ts'

type Tensor = TensorFlow.Tensor

/**
 * The value of a loss on given tensors, and d sum(value)/d input in the order of the inputs.
 * @throws Problem VALIDATION_FAILED naming every shape and value that does not fit
 */
export const evaluateLoss = (tf: Tf, ops: TensorOps, request: EvaluateRequest): EvaluateResponse => {
  throwIfInvalid(evaluationErrors(request))
  const loss: Loss = lossCatalog[request.loss.type as LossType]
  // A target of -100 is ignored though the request names no index, as in PyTorch.
  const options = 'ignoreIndex' in loss.options ? { ignoreIndex: ignoredByDefault, ...request.loss } : request.loss
  const fromJson = ({ shape, values }: JsonTensor): Tensor => tf.tensor(values.map(fromJsonNumber), shape, 'float32')
  const inClassOrder = (tensor: Tensor): Tensor => {
    const given = request.inputs[0]?.shape.length ?? 0
    return loss.classAxis && given > 2 && tensor.rank === given ? tf.transpose(tensor, classAxisLast(given)) : tensor
  }

  return tf.tidy(() => {
    const target = inClassOrder(fromJson(request.target))
    const value = (inputs: Tensor[]): Tensor =>
      unwrap(reducedLoss(ops, loss, { inputs: inputs.map(inClassOrder), target, options }, { reduction: request.reduction }))
    const inputs = request.inputs.map(fromJson)
    const gradients = tf.grads((...given: Tensor[]) => tf.sum(value(given)))(inputs)
    const result = value(inputs)
    return {
      value: request.reduction === 'none' ? toJson(result) : toJsonNumber(result.dataSync()[0] ?? Number.NaN),
      gradients: gradients.map(toJson),
    }
  })
}

const toJson = (tensor: Tensor): JsonTensor => ({ shape: tensor.shape, values: toJsonNumbers(tensor.dataSync()) })
