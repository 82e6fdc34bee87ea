import type * as TensorFlow from '@tensorflow/tfjs-core'

type Tensor = TensorFlow.Tensor

/**
 * WebAssembly has a fast matrix product only if neither side is transposed, and the ready-made gradient transposes
 * one each time. Transposing first is 5 to 7 times faster over a whole training step; the results are the same.
 */
export const overrideMatMulGradient = (tf: typeof TensorFlow): void => {
  const transposed = (x: Tensor): Tensor => {
    const axes = x.shape.map((_, axis) => axis)
    const [rows = 0, columns = 0] = axes.slice(-2)
    return tf.transpose(x, [...axes.slice(0, -2), columns, rows])
  }
  tf.unregisterGradient('BatchMatMul')
  tf.registerGradient({
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (upstream, saved, attributes) => {
      const dy = upstream as Tensor
      const [a, b] = saved as [Tensor, Tensor]
      const { transposeA, transposeB } = attributes as unknown as { transposeA: boolean; transposeB: boolean }
      if (!transposeA && !transposeB) return { a: () => tf.matMul(dy, transposed(b)), b: () => tf.matMul(transposed(a), dy) }
      if (!transposeA) return { a: () => tf.matMul(dy, b), b: () => tf.matMul(transposed(dy), a) }
      if (!transposeB) return { a: () => tf.matMul(b, transposed(dy)), b: () => tf.matMul(a, dy) }
      return { a: () => tf.matMul(transposed(b), transposed(dy)), b: () => tf.matMul(transposed(dy), transposed(a)) }
    },
  })
}
