/** Operations whose gradient is cheaper, or safer, in closed form than by differentiating their parts. */

import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { Tensor, TensorOps } from '../../../src/catalog/ops.ts'
import { lastOf } from '../../../src/numerics/must.ts'
import { type TapeControl, type Tf, unwrap } from '../step/tape.ts'

type Fused = Pick<TensorOps, 'relu' | 'biasAdd' | 'softmax' | 'logSoftmax' | 'softmaxCrossEntropy'>

/** `oneHot` without gradient. */
export const createFusedOps = (tf: Tf, { customGradient }: TapeControl, oneHot: TensorOps['oneHot']): Fused => {
  /** Stable log-probabilities, with the parts that their gradient is made of. */
  const logSoftmaxParts = (x: TensorFlow.Tensor) => {
    const shifted = tf.sub(x, tf.max(x, -1, true))
    const exponentials = tf.exp(shifted)
    const sums = tf.sum(exponentials, -1, true)
    return { shifted, exponentials, sums }
  }

  const logSoftmax = (x: Tensor): Tensor =>
    customGradient([x], (save) => {
      const { shifted, exponentials, sums } = logSoftmaxParts(unwrap(x))
      const probabilities = save(tf.div(exponentials, sums))
      return {
        value: tf.sub(shifted, tf.log(sums)),
        gradients: (upstream) => {
          const dy = unwrap(upstream)
          return [tf.sub(dy, tf.mul(tf.sum(dy, -1, true), unwrap(probabilities())))]
        },
      }
    })

  const softmax = (x: Tensor): Tensor =>
    customGradient([x], (save) => {
      const probabilities = tf.softmax(unwrap(x))
      const saved = save(probabilities)
      return {
        value: probabilities,
        gradients: (upstream) => {
          const y = unwrap(saved())
          const weighted = tf.mul(unwrap(upstream), y)
          return [tf.sub(weighted, tf.mul(tf.sum(weighted, -1, true), y))]
        },
      }
    })

  const softmaxCrossEntropy: TensorOps['softmaxCrossEntropy'] = (logits, classes, save) => {
    const { shifted, exponentials, sums } = logSoftmaxParts(unwrap(logits))
    const chosen = unwrap(oneHot(classes, lastOf(logits.shape)))
    const saved = { exponentials: save(exponentials), sums: save(sums), chosen: save(chosen) }
    const logSums = tf.reshape(tf.log(sums), classes.shape as number[])
    return {
      terms: tf.sub(logSums, tf.sum(tf.where(tf.cast(chosen, 'bool'), shifted, 0), -1)),
      derivative: () => tf.sub(tf.div(unwrap(saved.exponentials()), unwrap(saved.sums())), unwrap(saved.chosen())),
    }
  }

  const relu = (x: Tensor): Tensor =>
    customGradient([x], (save) => {
      const value = tf.relu(unwrap(x))
      const saved = save(value)
      return { value, gradients: (upstream) => [tf.mul(unwrap(upstream), tf.step(unwrap(saved())))] }
    })

  const biasAdd = (x: Tensor, bias: Tensor): Tensor =>
    customGradient([x, bias], () => ({
      value: tf.add(unwrap(x), unwrap(bias)),
      gradients: (upstream) => {
        const dy = unwrap(upstream)
        const axes = dy.shape.slice(0, -1).map((_, axis) => axis)
        return [tf.clone(dy), tf.sum(dy, axes)]
      },
    }))

  return { relu, biasAdd, softmax, logSoftmax, softmaxCrossEntropy }
}
