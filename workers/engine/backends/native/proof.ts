import type * as TensorFlow from '@tensorflow/tfjs-core'

/** A library may load and still compute nonsense; not a number is no answer either. @throws Error if a step does not halve the loss */
export const proveTraining = (tf: typeof TensorFlow): { lossBefore: number; lossAfter: number } => {
  const losses = trainOneStep(tf)
  if (!(losses.lossAfter < losses.lossBefore / 2))
    throw new Error(`a step of training went from loss ${losses.lossBefore} to ${losses.lossAfter}`)
  return losses
}

/**
 * One step of gradient descent for y = 2·x₁ − 3.4·x₂ + 4.2 on four points, from zero weights.
 * @returns the mean squared error before and after; a working TensorFlow halves it at least.
 */
const trainOneStep = (tf: typeof TensorFlow): { lossBefore: number; lossAfter: number } =>
  tf.tidy(() => {
    const features = tf.tensor2d([1, 0, 0, 1, -1, 0, 0, -1], [4, 2])
    const labels = tf.tensor2d([6.2, 0.8, 2.2, 7.6], [4, 1])
    const loss = (weights: TensorFlow.Tensor, bias: TensorFlow.Tensor): TensorFlow.Scalar =>
      tf.mean(tf.square(tf.sub(tf.add(tf.matMul(features as TensorFlow.Tensor2D, weights as TensorFlow.Tensor2D), bias), labels)))
    const start = [tf.zeros([2, 1]), tf.zeros([1])]
    const { value, grads } = tf.valueAndGrads((weights, bias) => loss(weights as TensorFlow.Tensor, bias as TensorFlow.Tensor))(start)
    const [weights, bias] = start.map((parameter, index) => tf.sub(parameter, tf.mul(grads[index] as TensorFlow.Tensor, 0.4)))
    const after = loss(weights as TensorFlow.Tensor, bias as TensorFlow.Tensor)
    return { lossBefore: value.dataSync()[0] as number, lossAfter: after.dataSync()[0] as number }
  })
