/**
 * Pooling on TensorFlow.js. On WebAssembly the gradient of maxPool is wrong, and so are both poolings of volumes: the
 * gradient is computed here, and volumes are pooled plane by plane.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { WindowGeometry } from '../../src/contracts/catalog/layers/layer-ops.ts'
import { maxPoolGradient } from './host-pooling.ts'
import type { MaxPool2d } from './native/max-pool.ts'
import { byDepth, padded, pair, slid, triple, widened, windowCells } from './windows.ts'

type Tf = typeof TensorFlow
type Tensor = TensorFlow.Tensor
type Pool = (images: Tensor, geometry: WindowGeometry) => Tensor

/** Lies below every float32 that training meets, so that padding never wins. */
const lowest = -3.4e38

/** Pooling of volumes: `combine` what the window's depths see, then `pool` each of the planes. */
const poolByDepth = (
  tf: Tf,
  images: Tensor,
  geometry: WindowGeometry,
  { outside, combine, pool }: { outside: number; combine: (planes: Tensor[]) => Tensor; pool: Pool },
): Tensor => {
  const { alongDepth, inPlane } = byDepth(geometry)
  const combined = combine(windowCells(tf, images, alongDepth, outside))
  const pooled = pool(tf.reshape(combined, [-1, ...combined.shape.slice(2)]), inPlane)
  return tf.reshape(pooled, [images.shape[0] ?? 1, ...slid(images.shape, geometry), images.shape.at(-1) ?? 1])
}

/** Poolings of images `[batch, ...sizes, channels]`; `maxPool2d` is the kernel for two axes without padding. */
export const createPooling = (
  tf: Tf,
  backend: 'tensorflow' | 'wasm' | 'cpu',
  maxPool2d: MaxPool2d,
): Record<'maxPool' | 'averagePool', Pool> => {
  const largest: Pool = (images, geometry) => {
    if (geometry.window.length === 3 && backend === 'wasm') {
      const combine = (planes: Tensor[]): Tensor => planes.reduce((a, b) => tf.maximum(a, b))
      return poolByDepth(tf, images, geometry, { outside: lowest, combine, pool: largest })
    }
    const source = padded(tf, images, geometry, lowest)
    if (geometry.window.length === 2) return maxPool2d(source as TensorFlow.Tensor4D, pair(geometry.window), pair(geometry.strides))
    return tf.maxPool3d(source as TensorFlow.Tensor5D, triple(geometry.window), triple(geometry.strides), 'valid')
  }

  const withHostGradient: Pool = (images, geometry) =>
    tf.customGrad((x, save) => {
      const source = x as Tensor
      const value = largest(source, geometry)
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
    return backend === 'wasm' ? withHostGradient(images, geometry) : largest(images, geometry)
  }

  const averagePool: Pool = (images, geometry) => {
    if (geometry.window.length === 1) return tf.squeeze(averagePool(tf.expandDims(images, 1), widened(geometry)), [1])
    if (geometry.window.length === 3 && backend === 'wasm') {
      const combine = (planes: Tensor[]): Tensor => tf.div(tf.addN(planes), planes.length)
      return poolByDepth(tf, images, geometry, { outside: 0, combine, pool: averagePool })
    }
    const source = padded(tf, images, geometry)
    if (geometry.window.length === 2)
      return tf.avgPool(source as TensorFlow.Tensor4D, pair(geometry.window), pair(geometry.strides), 'valid')
    return tf.avgPool3d(source as TensorFlow.Tensor5D, triple(geometry.window), triple(geometry.strides), 'valid')
  }

  return { maxPool, averagePool }
}
