/**
 * Long sums over all but the last axes, such as a bias's gradient or a batch's mean: TensorFlow adds term after term in
 * float32 there, and loses digits with each. As a product with ones they are added up in blocks, by the library's fastest
 * kernel.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import { sumGeometry } from '../../ops/long-sums.ts'

/** Terms from which on a sum is a product. */
export const minTerms = 2048

const wrapped = new WeakSet<TensorFlow.KernelFunc>()

/** Puts it in place of TensorFlow's own sum and mean, once. */
export const splitLongSums = (tf: typeof TensorFlow): void => {
  for (const kernelName of ['Sum', 'Mean']) {
    const own = tf.getKernel(kernelName, 'tensorflow')
    if (wrapped.has(own.kernelFunc)) continue
    const kernelFunc: TensorFlow.KernelFunc = (call) => {
      const x = call.inputs.x as TensorFlow.Tensor
      const { axis, keepDims } = (call.attrs ?? {}) as { axis?: number | number[] | null; keepDims?: boolean }
      const axes = tf.util.parseAxisParam(axis ?? x.shape.map((_, at) => at), x.shape)
      const geometry = x.dtype === 'float32' ? sumGeometry(x.shape, axes) : undefined
      if (!geometry || geometry.inner === 1 || geometry.length < minTerms) return own.kernelFunc(call)
      const { outer, length, inner } = geometry
      const shape = x.shape.flatMap((size, at) => (axes.includes(at) ? (keepDims ? [1] : []) : [size]))
      return tf.tidy(() => {
        const ones = tf.fill(outer === 1 ? [1, length] : [1, 1, length], 1)
        const sums = tf.matMul(ones, tf.reshape(x, outer === 1 ? [length, inner] : [outer, length, inner]))
        return tf.reshape(kernelName === 'Mean' ? tf.div(sums, length) : sums, shape)
      })
    }
    wrapped.add(kernelFunc)
    tf.unregisterKernel(kernelName, 'tensorflow')
    tf.registerKernel({ ...own, kernelFunc })
  }
}
