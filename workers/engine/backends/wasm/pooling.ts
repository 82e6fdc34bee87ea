/**
 * Poolings in place of WebAssembly's own for what these get wrong: they turn NaN into a number, infinities of both signs too, and
 * lose digits of long averages.
 */

import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { WindowGeometry } from '../../../../src/catalog/layers/layer-ops.ts'
import { lastOf, must } from '../../../../src/numerics/must.ts'
import { averagePoolValues, maxPoolValues } from '../../ops/host-pooling.ts'
import { pair, slid } from '../../ops/windows.ts'
import { inputOf, type Kernel, written } from './kernel.ts'
import { quickSumOf } from './quick-sum.ts'

/** Cells of a window from which on its average is summed in float64. */
const longWindow = 1024

const none: [number, number] = [0, 0]

export const maxPool: Kernel = (memory, call) => {
  const [x, geometry] = [inputOf(call, 'x'), geometryOf(call.attrs ?? {})]
  if (!x || !geometry || !Number.isNaN(quickSumOf(memory.wasm)(memory.typedArrayFromHeap(x)))) return undefined
  const places = slid(x.shape, geometry)
  return written(memory, [must(x.shape, 0), ...places, lastOf(x.shape)], (into) =>
    into.set(maxPoolValues(memory.typedArrayFromHeap(x), x.shape, places, geometry)),
  )
}

export const averagePool: Kernel = (memory, call, own) => {
  const [x, geometry] = [inputOf(call, 'x'), geometryOf(call.attrs ?? {})]
  if (!x || !geometry) return undefined
  const [tall, wide] = pair(geometry.window)
  if (tall * wide < longWindow) {
    // Whatever is no finite number leaves one behind that is none either, if not the right one.
    const pooled = own(call)
    if (Number.isFinite(quickSumOf(memory.wasm)(memory.typedArrayFromHeap(pooled)))) return pooled
    memory.disposeData(pooled.dataId)
  }
  return written(memory, [must(x.shape, 0), ...slid(x.shape, geometry), lastOf(x.shape)], (into) =>
    into.set(averagePoolValues(memory.typedArrayFromHeap(x), x.shape, geometry)),
  )
}

/** Two axes without padding: all that is asked for here. */
const geometryOf = (attributes: TensorFlow.NamedAttrMap): WindowGeometry | undefined => {
  const { filterSize, strides, pad } = attributes as unknown as Record<'filterSize' | 'strides', number | number[]> & { pad: unknown }
  const both = (size: number | number[]): [number, number] => (typeof size === 'number' ? [size, size] : pair(size))
  if (pad !== 'valid') return undefined
  return { window: both(filterSize), strides: both(strides), padding: [none, none], dilation: [1, 1] }
}
