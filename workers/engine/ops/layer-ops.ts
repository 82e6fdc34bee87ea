/**
 * The operations of layers on TensorFlow.js. Each backend takes its own kernels if they and their gradients are
 * right, and compositions of simpler operations if they are not: on WebAssembly the gradient of conv3d is
 * wrong. TensorFlow.js has no gradient for dilated convolutions anywhere.
 */

import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { LayerOps, WindowGeometry } from '../../../src/catalog/layers/layer-ops.ts'
import type { Tensor as Opaque, TensorOps } from '../../../src/catalog/ops.ts'
import { lastOf, must } from '../../../src/numerics/must.ts'
import type { MaxPool2d } from '../backends/native/max-pool.ts'
import { createLookUp } from './look-up.ts'
import { createPooling } from './pooling.ts'
import { byDepth, padded, pair, slid, triple, widened, windowCells, windowRows, withoutIdleStrides } from './windows.ts'

type Tf = typeof TensorFlow
type Tensor = TensorFlow.Tensor

/** Adds the layers' operations to those of the catalog; `maxPool2d` is the kernel for pooling if there is a better one. */
export const createLayerOps = (
  tf: Tf,
  ops: TensorOps,
  backend: 'tensorflow' | 'wasm' | 'cpu',
  maxPool2d: MaxPool2d = (images, window, strides) => tf.maxPool(images, window, strides, 'valid'),
): LayerOps => {
  const windowProduct = (images: Tensor, kernel: Tensor, geometry: WindowGeometry): Tensor => {
    const filters = lastOf(kernel.shape)
    const sums = tf.matMul(windowRows(tf, images, geometry), tf.reshape(kernel, [-1, filters]))
    return tf.reshape(sums, [must(images.shape, 0), ...slid(images.shape, geometry), filters])
  }

  /** conv3d as a sum of conv2d, one for each depth of the kernel. */
  const convolveByDepth = (images: Tensor, kernel: Tensor, geometry: WindowGeometry): Tensor => {
    const { alongDepth, inPlane } = byDepth(geometry)
    const parts = windowCells(tf, images, alongDepth).map((cell, depth) => {
      const plane = tf.squeeze(tf.slice(kernel, [depth, 0, 0, 0, 0], [1, ...kernel.shape.slice(1)]), [0])
      return convolve(tf.reshape(cell, [-1, ...cell.shape.slice(2)]), plane, inPlane)
    })
    return tf.reshape(tf.addN(parts), [must(images.shape, 0), ...slid(images.shape, geometry), lastOf(kernel.shape)])
  }

  /** A window of one cell that skips others, as a window that slides over the cells it sees. */
  const convolveSeen = (images: Tensor, kernel: Tensor, geometry: WindowGeometry): Tensor => {
    const [seen = images] = windowCells(tf, images, geometry)
    const { window } = geometry
    return convolve(seen, kernel, { window, strides: window, padding: window.map(() => [0, 0]), dilation: window })
  }

  /** The backend's own kernels, for two and three axes. */
  const convolvePadded = (source: Tensor, kernel: Tensor, given: WindowGeometry): Tensor => {
    // oneDNN reads past the end of one channel if a stride leads nowhere: seen in TensorFlow 2.21.
    const { images, geometry } = backend === 'tensorflow' ? withoutIdleStrides(tf, source, given) : { images: source, geometry: given }
    const { strides } = geometry
    if (strides.length === 2) return tf.conv2d(images as TensorFlow.Tensor4D, kernel as TensorFlow.Tensor4D, pair(strides), 'valid')
    return tf.conv3d(images as TensorFlow.Tensor5D, kernel as TensorFlow.Tensor5D, triple(strides), 'valid')
  }

  const convolve = (images: Tensor, kernel: Tensor, geometry: WindowGeometry): Tensor => {
    if (isDilated(geometry)) return windowProduct(images, kernel, geometry)
    // oneDNN writes past the end of its memory in the kernel's gradient if such strides differ: seen in TensorFlow 2.21.
    if (backend === 'tensorflow' && skipsCells(geometry)) return convolveSeen(images, kernel, geometry)
    if (geometry.window.length === 1) {
      const convolved = convolve(tf.expandDims(images, 1), tf.expandDims(kernel, 0), widened(geometry))
      return tf.squeeze(convolved, [1])
    }
    if (geometry.window.length === 3 && backend === 'wasm') return convolveByDepth(images, kernel, geometry)
    const source = padded(tf, images, geometry)
    return convolvePadded(source, kernel, { ...geometry, padding: geometry.padding.map(() => [0, 0]) })
  }

  const { maxPool, averagePool } = createPooling(tf, backend, maxPool2d)
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

const isDilated = ({ dilation }: WindowGeometry): boolean => dilation.some((step) => step > 1)

const skipsCells = ({ window, strides }: WindowGeometry): boolean => window.every((size) => size === 1) && strides.some((step) => step > 1)
