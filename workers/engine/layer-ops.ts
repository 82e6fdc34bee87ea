/**
 * The operations of layers on TensorFlow.js. Each backend takes its own kernels where they and their gradients are
 * right, and compositions of simpler operations where they are not: on WebAssembly the gradient of maxPool is wrong
 * where a window's largest value is not positive, conv3d's gradient by its input is wrong, and those of conv2d's
 * filter and of gather are missing. TensorFlow.js has no gradient for dilated convolutions anywhere.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { LayerOps, WindowGeometry } from '../../src/contracts/catalog/layers/layer-ops.ts'
import type { Tensor as Opaque, TensorOps } from '../../src/contracts/catalog/ops.ts'
import { createLookUp } from './look-up.ts'
import { padded, slid, windowCells, windowRows } from './windows.ts'

type Tf = typeof TensorFlow
type Tensor = TensorFlow.Tensor

/** Lies below every float32 that training meets, so that padding never wins. */
const lowest = -3.4e38

const isDilated = ({ dilation }: WindowGeometry): boolean => dilation.some((step) => step > 1)

/** One spatial axis as two, the first of size 1. */
const widened = (geometry: WindowGeometry): WindowGeometry => ({
  window: [1, ...geometry.window],
  strides: [1, ...geometry.strides],
  padding: [[0, 0], ...geometry.padding],
  dilation: [1, ...geometry.dilation],
})

const pair = (values: number[]): [number, number] => [values[0] ?? 1, values[1] ?? 1]
const triple = (values: number[]): [number, number, number] => [values[0] ?? 1, values[1] ?? 1, values[2] ?? 1]

/** Adds the layers' operations to those of the catalog. */
export const createLayerOps = (tf: Tf, ops: TensorOps, backend: 'tensorflow' | 'wasm' | 'cpu'): LayerOps => {
  const windowProduct = (images: Tensor, kernel: Tensor, geometry: WindowGeometry): Tensor => {
    const filters = kernel.shape.at(-1) ?? 1
    const sums = tf.matMul(windowRows(tf, images, geometry), tf.reshape(kernel, [-1, filters]))
    return tf.reshape(sums, [images.shape[0] ?? 1, ...slid(images.shape, geometry), filters])
  }

  /** conv2d with the kernels that WebAssembly has; the filter's gradient is one matrix product over the windows. */
  const convolveOnWasm = (images: TensorFlow.Tensor4D, kernel: TensorFlow.Tensor4D, strides: [number, number]): Tensor =>
    tf.customGrad((...[x, w, save]) => {
      const [source, weights] = [x as TensorFlow.Tensor4D, w as TensorFlow.Tensor4D]
      ;(save as TensorFlow.GradSaveFunc)([source, weights])
      return {
        value: tf.conv2d(source, weights, strides, 'valid'),
        gradFunc: (upstream: Tensor, saved: Tensor[]) => {
          const [input, filter] = saved as [TensorFlow.Tensor4D, TensorFlow.Tensor4D]
          const window = pair(filter.shape.slice(0, 2))
          const geometry = {
            window,
            strides,
            padding: [
              [0, 0],
              [0, 0],
            ] as [number, number][],
            dilation: [1, 1],
          }
          const change = tf.reshape(upstream, [-1, filter.shape[3]]) as TensorFlow.Tensor2D
          return [
            tf.conv2dTranspose(upstream as TensorFlow.Tensor4D, filter, input.shape, strides, 'valid'),
            tf.reshape(tf.matMul(tf.transpose(windowRows(tf, input, geometry)), change), filter.shape),
          ]
        },
      }
    })(images, kernel)

  const convolve = (images: Tensor, kernel: Tensor, geometry: WindowGeometry): Tensor => {
    if (isDilated(geometry)) return windowProduct(images, kernel, geometry)
    if (geometry.window.length === 1) {
      const convolved = convolve(tf.expandDims(images, 1), tf.expandDims(kernel, 0), widened(geometry))
      return tf.squeeze(convolved, [1])
    }
    if (geometry.window.length === 2) {
      const source = padded(tf, images, geometry) as TensorFlow.Tensor4D
      if (backend === 'wasm') return convolveOnWasm(source, kernel as TensorFlow.Tensor4D, pair(geometry.strides))
      return tf.conv2d(source, kernel as TensorFlow.Tensor4D, pair(geometry.strides), 'valid')
    }
    if (backend === 'wasm') return windowProduct(images, kernel, geometry)
    return tf.conv3d(padded(tf, images, geometry) as TensorFlow.Tensor5D, kernel as TensorFlow.Tensor5D, triple(geometry.strides), 'valid')
  }

  const maxPool = (images: Tensor, geometry: WindowGeometry): Tensor => {
    // tf.maximum gives the gradient of equal values to its first operand, as PyTorch does.
    if (backend === 'wasm') return windowCells(tf, images, geometry, lowest).reduce((largest, cell) => tf.maximum(largest, cell))
    if (geometry.window.length === 1) return tf.squeeze(maxPool(tf.expandDims(images, 1), widened(geometry)), [1])
    const source = padded(tf, images, geometry, lowest)
    if (geometry.window.length === 2)
      return tf.maxPool(source as TensorFlow.Tensor4D, pair(geometry.window), pair(geometry.strides), 'valid')
    return tf.maxPool3d(source as TensorFlow.Tensor5D, triple(geometry.window), triple(geometry.strides), 'valid')
  }

  const averagePool = (images: Tensor, geometry: WindowGeometry): Tensor => {
    if (geometry.window.length === 1) return tf.squeeze(averagePool(tf.expandDims(images, 1), widened(geometry)), [1])
    if (geometry.window.length === 3 && backend === 'wasm') {
      const cells = windowCells(tf, images, geometry)
      return tf.div(tf.addN(cells), cells.length)
    }
    const source = padded(tf, images, geometry)
    if (geometry.window.length === 2)
      return tf.avgPool(source as TensorFlow.Tensor4D, pair(geometry.window), pair(geometry.strides), 'valid')
    return tf.avgPool3d(source as TensorFlow.Tensor5D, triple(geometry.window), triple(geometry.strides), 'valid')
  }

  const lookUp = createLookUp(tf, backend)
  const own = (tensor: Opaque): Tensor => tensor as Tensor
  return {
    ...ops,
    convolve: (images, kernel, geometry) => convolve(own(images), own(kernel), geometry),
    maxPool: (images, geometry) => maxPool(own(images), geometry),
    averagePool: (images, geometry) => averagePool(own(images), geometry),
    lookUp: (table, indices) => lookUp(own(table), own(indices)),
  }
}
