/**
 * Pooling on TensorFlow.js. On WebAssembly the gradient of maxPool is wrong, and so are both poolings of volumes: the
 * gradient is computed here, and volumes are pooled plane by plane. Their largest values are so on every backend.
 */

import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { WindowGeometry } from '../../../src/catalog/layers/layer-ops.ts'
import { lastOf, must } from '../../../src/numerics/must.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import type { MaxPool2d } from '../backends/native/max-pool.ts'
import { maxPoolGradient, maxPoolValues } from './host-pooling.ts'
import { byDepth, padded, pair, slid, triple, widened, windowCells } from './windows.ts'

type Tf = typeof TensorFlow
type Tensor = TensorFlow.Tensor
type Pool = (images: Tensor, geometry: WindowGeometry) => Tensor

/** Padding never wins. */
const lowest = Number.NEGATIVE_INFINITY

/** Cells of a window from which on TensorFlow's own average has lost digits that count: it adds them one after the other. */
const longWindow = 1024

/** Poolings of images `[batch, ...sizes, channels]`; `maxPool2d` is the kernel for two axes without padding. */
export const createPooling = (
  tf: Tf,
  backend: 'tensorflow' | 'wasm' | 'cpu',
  maxPool2d: MaxPool2d,
): Record<'maxPool' | 'averagePool', Pool> => {
  const largest: Pool = (images, geometry) => {
    if (geometry.window.length === 3) return largestByPlane(tf, images, geometry, largest)
    return maxPool2d(padded(tf, images, geometry, lowest) as TensorFlow.Tensor4D, pair(geometry.window), pair(geometry.strides))
  }

  /** Plain JavaScript's own takes NaN for smaller than any number. */
  const largestOrNaN: Pool = (images, geometry) => {
    const values = backend === 'cpu' ? images.dataSync<'float32'>() : undefined
    if (!values?.some(Number.isNaN)) return largest(images, geometry)
    const places = slid(images.shape, geometry)
    const shape = [must(images.shape, 0), ...places, lastOf(images.shape)]
    return tf.tensor(maxPoolValues(values, images.shape, places, geometry), shape)
  }

  const withHostGradient: Pool = (images, geometry) =>
    tf.customGrad((x, save) => {
      const source = x as Tensor
      const value = largestOrNaN(source, geometry)
      ;(save as TensorFlow.GradSaveFunc)([source, value])
      const gradFunc = (upstream: Tensor, saved: Tensor[]): Tensor => {
        const [from, outputs] = saved.map((each) => each.dataSync<'float32'>()) as [Float32Array, Float32Array]
        const tables = { images: from, outputs, changes: upstream.dataSync<'float32'>() }
        return tf.tensor(maxPoolGradient(tables, source.shape, slid(source.shape, geometry), geometry), source.shape)
      }
      return { value, gradFunc }
    })(images)

  const maxPool: Pool = (images, geometry) => {
    if (geometry.window.length === 1) return tf.squeeze(maxPool(tf.expandDims(images, 1), widened(geometry)), [1])
    return backend === 'tensorflow' ? largest(images, geometry) : withHostGradient(images, geometry)
  }

  /** By the backend's own kernel, for two and three axes without padding. */
  const ownAverage: Pool = (images, { window, strides }) =>
    window.length === 2
      ? tf.avgPool(images as TensorFlow.Tensor4D, pair(window), pair(strides), 'valid')
      : tf.avgPool3d(images as TensorFlow.Tensor5D, triple(window), triple(strides), 'valid')

  const averagePool: Pool = (images, geometry) => {
    if (geometry.window.length === 1) return tf.squeeze(averagePool(tf.expandDims(images, 1), widened(geometry)), [1])
    if (geometry.window.length === 3 && backend === 'wasm') return averageByDepth(tf, images, geometry, averagePool)
    const source = padded(tf, images, geometry)
    const inner = { ...geometry, padding: geometry.padding.map((): [number, number] => [0, 0]) }
    return backend === 'tensorflow' && isLong(geometry) ? longAverage(tf, source, inner, ownAverage) : ownAverage(source, inner)
  }

  return { maxPool, averagePool }
}

const isLong = ({ window }: WindowGeometry): boolean => sizeOf(window) >= longWindow

/** The average if a window has one place alone. */
const averageOfAll = (tf: Tf, images: Tensor, { window }: WindowGeometry): Tensor => {
  const seen = tf.slice(images, new Array<number>(images.rank).fill(0), [must(images.shape, 0), ...window, lastOf(images.shape)])
  return tf.mean(
    seen,
    window.map((_, axis) => axis + 1),
    true,
  )
}

/** Averages of long windows: as a mean, or along one axis after the other, so that no sum has more terms than a window's side. */
const longAverage = (tf: Tf, images: Tensor, geometry: WindowGeometry, averagePool: Pool): Tensor => {
  if (slid(images.shape, geometry).every((places) => places === 1)) return averageOfAll(tf, images, geometry)
  return geometry.window.reduceRight((pooled, _, axis) => {
    const only = (sizes: readonly number[]): number[] => sizes.map((size, other) => (other === axis ? size : 1))
    return averagePool(pooled, { ...geometry, window: only(geometry.window), strides: only(geometry.strides) })
  }, images)
}

/** Averages of volumes: first of what the window's depths see, then within the planes. */
const averageByDepth = (tf: Tf, images: Tensor, geometry: WindowGeometry, averagePool: Pool): Tensor => {
  const { alongDepth, inPlane } = byDepth(geometry)
  const depths = windowCells(tf, images, alongDepth)
  const combined = tf.div(tf.addN(depths), depths.length)
  const pooled = averagePool(tf.reshape(combined, [-1, ...combined.shape.slice(2)]), inPlane)
  return tf.reshape(pooled, [must(images.shape, 0), ...slid(images.shape, geometry), lastOf(images.shape)])
}

/**
 * Largest values of volumes: first within the planes, then along the depth, so that of equal values the first in
 * row-major order takes the gradient. TensorFlow's own kernel gives it to all of them, plain JavaScript's is wrong too.
 */
const largestByPlane = (tf: Tf, images: Tensor, geometry: WindowGeometry, maxPool: Pool): Tensor => {
  const [depths = 1, ...window] = geometry.window
  const [stride = 1, ...strides] = geometry.strides
  const [front = [0, 0], ...padding] = geometry.padding
  const [rows = 1, deep = 1, ...plane] = images.shape
  const pooled = maxPool(tf.reshape(images, [rows * deep, ...plane]), { window, strides, padding, dilation: [1, 1] })
  const planes = tf.reshape(pooled, [rows, deep, ...pooled.shape.slice(1)])
  const none: [number, number] = [0, 0]
  const alongDepth = { window: [depths, 1, 1], strides: [stride, 1, 1], padding: [front, none, none], dilation: [1, 1, 1] }
  return windowCells(tf, planes, alongDepth, lowest).reduce((first, second) => tf.maximum(first, second))
}
