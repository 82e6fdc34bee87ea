/**
 * The operations of layers on TensorFlow.js. Each backend takes its own kernels where they and their gradients are
 * right, and compositions of simpler operations where they are not: on WebAssembly the gradients of maxPool and conv3d
 * are wrong. TensorFlow.js has no gradient for dilated convolutions anywhere.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { LayerOps, WindowGeometry } from '../../src/contracts/catalog/layers/layer-ops.ts'
import type { Tensor as Opaque, TensorOps } from '../../src/contracts/catalog/ops.ts'
import { largestPositions, pick, scatter } from './host-pooling.ts'
import { createLookUp } from './look-up.ts'
import type { MaxPool2d } from './native/max-pool.ts'
import { padded, slid, windowCells, windowRows } from './windows.ts'

type Tf = typeof TensorFlow
type Tensor = TensorFlow.Tensor

/** Lies below every float32 that training meets, so that padding never wins. */
const lowest = -3.4e38

const none: [number, number] = [0, 0]

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

/** Adds the layers' operations to those of the catalog; `maxPool2d` is the kernel for pooling where there is a better one. */
export const createLayerOps = (
  tf: Tf,
  ops: TensorOps,
  backend: 'tensorflow' | 'wasm' | 'cpu',
  maxPool2d: MaxPool2d = (images, window, strides) => tf.maxPool(images, window, strides, 'valid'),
): LayerOps => {
  const windowProduct = (images: Tensor, kernel: Tensor, geometry: WindowGeometry): Tensor => {
    const filters = kernel.shape.at(-1) ?? 1
    const sums = tf.matMul(windowRows(tf, images, geometry), tf.reshape(kernel, [-1, filters]))
    return tf.reshape(sums, [images.shape[0] ?? 1, ...slid(images.shape, geometry), filters])
  }

  /** conv3d as a sum of conv2d, one for each depth of the kernel. */
  const convolveByDepth = (images: Tensor, kernel: Tensor, geometry: WindowGeometry): Tensor => {
    const [depths, ...window] = geometry.window
    const alongDepth = { ...geometry, window: [depths ?? 1, 1, 1], strides: [geometry.strides[0] ?? 1, 1, 1] }
    const inPlane = { window, strides: geometry.strides.slice(1), padding: [none, none], dilation: [1, 1] }
    const parts = windowCells(tf, images, alongDepth).map((cell, depth) => {
      const plane = tf.squeeze(tf.slice(kernel, [depth, 0, 0, 0, 0], [1, ...kernel.shape.slice(1)]), [0])
      return convolve(tf.reshape(cell, [-1, ...cell.shape.slice(2)]), plane, inPlane)
    })
    return tf.reshape(tf.addN(parts), [images.shape[0] ?? 1, ...slid(images.shape, geometry), kernel.shape.at(-1) ?? 1])
  }

  const maxPoolOnHost = (images: Tensor, geometry: WindowGeometry): Tensor =>
    tf.customGrad((x, save) => {
      const source = x as Tensor
      const values = source.dataSync<'float32'>()
      const counts = slid(source.shape, geometry)
      const positions = largestPositions(values, source.shape, counts, geometry)
      const shape = [source.shape[0] ?? 0, ...counts, source.shape.at(-1) ?? 1]
      ;(save as TensorFlow.GradSaveFunc)([tf.tensor1d(positions, 'int32')])
      return {
        value: tf.tensor(pick(values, positions), shape),
        gradFunc: (upstream: Tensor, [saved]: Tensor[]) => {
          const changes = scatter(upstream.dataSync<'float32'>(), saved?.dataSync() as Int32Array, source.size)
          return tf.tensor(changes, source.shape)
        },
      }
    })(images)

  const convolve = (images: Tensor, kernel: Tensor, geometry: WindowGeometry): Tensor => {
    if (isDilated(geometry)) return windowProduct(images, kernel, geometry)
    if (geometry.window.length === 1) {
      const convolved = convolve(tf.expandDims(images, 1), tf.expandDims(kernel, 0), widened(geometry))
      return tf.squeeze(convolved, [1])
    }
    if (geometry.window.length === 2) {
      const source = padded(tf, images, geometry) as TensorFlow.Tensor4D
      return tf.conv2d(source, kernel as TensorFlow.Tensor4D, pair(geometry.strides), 'valid')
    }
    if (backend === 'wasm') return convolveByDepth(images, kernel, geometry)
    return tf.conv3d(padded(tf, images, geometry) as TensorFlow.Tensor5D, kernel as TensorFlow.Tensor5D, triple(geometry.strides), 'valid')
  }

  const maxPool = (images: Tensor, geometry: WindowGeometry): Tensor => {
    if (backend === 'wasm') return maxPoolOnHost(images, geometry)
    if (geometry.window.length === 1) return tf.squeeze(maxPool(tf.expandDims(images, 1), widened(geometry)), [1])
    const source = padded(tf, images, geometry, lowest)
    if (geometry.window.length === 2) return maxPool2d(source as TensorFlow.Tensor4D, pair(geometry.window), pair(geometry.strides))
    return tf.maxPool3d(source as TensorFlow.Tensor5D, triple(geometry.window), triple(geometry.strides), 'valid')
  }

  const averagePool = (images: Tensor, geometry: WindowGeometry): Tensor => {
    if (geometry.window.length === 1) return tf.squeeze(averagePool(tf.expandDims(images, 1), widened(geometry)), [1])
    if (geometry.window.length === 3 && backend === 'wasm') {
      const [depths, ...window] = geometry.window
      const planes = windowCells(tf, images, { ...geometry, window: [depths ?? 1, 1, 1], strides: [geometry.strides[0] ?? 1, 1, 1] })
      const sum = tf.div(tf.addN(planes), planes.length)
      const inPlane = { window, strides: geometry.strides.slice(1), padding: [none, none], dilation: [1, 1] }
      const pooled = averagePool(tf.reshape(sum, [-1, ...sum.shape.slice(2)]), inPlane)
      return tf.reshape(pooled, [images.shape[0] ?? 1, ...slid(images.shape, geometry), images.shape.at(-1) ?? 1])
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
