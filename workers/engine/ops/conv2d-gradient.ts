import type * as TensorFlow from '@tensorflow/tfjs-core'
import { must } from '../../../src/numerics/must.ts'

type Tf = typeof TensorFlow
type Tensor = TensorFlow.Tensor
type Tensor4D = TensorFlow.Tensor4D
type Pair = [number, number]

/**
 * WebAssembly has no kernel for the gradient of conv2d by its filter, and a slow one by its input. Both are
 * convolutions themselves, for which it has a fast one. Needs the padding 'valid' and no dilation.
 */
export const overrideConv2dGradient = (tf: Tf): void => {
  tf.unregisterGradient('Conv2D')
  tf.registerGradient({
    kernelName: 'Conv2D',
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, saved, attributes) => {
      const [images, kernel] = saved as [Tensor4D, Tensor4D]
      const { strides } = attributes as unknown as { strides: number | Pair }
      const pair: Pair = typeof strides === 'number' ? [strides, strides] : strides
      return {
        x: () => byImages(tf, dy as Tensor, images, kernel, pair),
        filter: () =>
          isOneCell(kernel, pair) ? asProduct(tf, dy as Tensor, images, kernel) : byKernel(tf, dy as Tensor, images, kernel, pair),
      }
    },
  })
}

/** Puts stride - 1 zeros after each cell of an axis but the last. */
const spreadOut = (tf: Tf, x: Tensor, axis: number, stride: number): Tensor => {
  if (stride === 1) return x
  const size = must(x.shape, axis)
  const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)]
  const apart = tf.pad(tf.reshape(x, [...outer, size, 1, ...inner]), [
    ...[...outer, size].map((): Pair => [0, 0]),
    [0, stride - 1],
    ...inner.map((): Pair => [0, 0]),
  ])
  const wide = tf.reshape(apart, [...outer, size * stride, ...inner])
  return tf.slice(
    wide,
    wide.shape.map(() => 0),
    [...outer, (size - 1) * stride + 1, ...inner],
  )
}

/** By the images: the changes, spread out and padded, under the kernel turned around. */
const byImages = (tf: Tf, dy: Tensor, images: Tensor4D, kernel: Tensor4D, strides: Pair): Tensor => {
  const apart = spreadOut(tf, spreadOut(tf, dy, 1, strides[0]), 2, strides[1])
  const margins = [0, 1].map((axis): Pair => {
    const margin = must(kernel.shape, axis) - 1
    return [margin, must(images.shape, axis + 1) - must(apart.shape, axis + 1)]
  })
  const padded = tf.pad(apart, [[0, 0], ...margins, [0, 0]]) as Tensor4D
  const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2])
  return tf.conv2d(padded, turned, 1, 'valid')
}

/** By the kernel: the images under the changes, rows of the mini-batch as channels. */
const byKernel = (tf: Tf, dy: Tensor, images: Tensor4D, kernel: Tensor4D, strides: Pair): Tensor => {
  const sums = tf.conv2d(
    tf.transpose(images, [3, 1, 2, 0]),
    tf.transpose(dy, [1, 2, 0, 3]) as Tensor4D,
    1,
    'valid',
    'NHWC',
    strides.some((stride) => stride > 1) ? strides : 1,
  )
  const byCell = tf.transpose(sums, [1, 2, 0, 3])
  return tf.slice(byCell, [0, 0, 0, 0], kernel.shape)
}

const isOneCell = ({ shape }: Tensor4D, strides: Pair): boolean => [shape[0], shape[1], ...strides].every((size) => size === 1)

/** By a kernel of one cell that skips none: a product over all cells, which keeps its digits however many there are. */
const asProduct = (tf: Tf, dy: Tensor, images: Tensor4D, kernel: Tensor4D): Tensor => {
  const [, , channels, filters] = kernel.shape
  return tf.reshape(tf.matMul(tf.transpose(tf.reshape(images, [-1, channels])), tf.reshape(dy, [-1, filters])), kernel.shape)
}
