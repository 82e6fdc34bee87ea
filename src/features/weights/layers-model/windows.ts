/** Convolutions and pooling in Keras's words. */

import type { LayerConfigOf } from '../../../catalog/layers/all-layers.ts'
import type { WindowGeometry } from '../../../catalog/layers/layer-ops.ts'
import { geometryOf, type WindowOptions } from '../../../catalog/layers/window.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import { lastOf } from '../../../numerics/must.ts'
import { kerasActivation } from './activations.ts'
import { Inexpressible, type KerasLayer, plainLayer, zeroPadded } from './keras-layer.ts'

/** @throws Inexpressible */
export const convolutionLayers = (
  config: LayerConfigOf<'conv1d' | 'conv2d' | 'conv3d'>,
  { inputShape }: LayerPlan,
  name: string,
): KerasLayer[] => {
  const sizes = inputShape.slice(0, -1)
  const channels = lastOf(inputShape)
  const geometry = geometryOf({ ...config, window: config.kernelSize }, sizes)
  const { window, strides, dilation, padding } = geometry
  if (dilation.some((step) => step > 1) && strides.some((step) => step > 1)) throw new Inexpressible('strides together with dilation')
  const same = isSame(geometry, sizes)
  const activation = kerasActivation(name, config.activation)
  const kernel = { name: 'kernel', from: `${name}.weight`, shape: [...window, channels, config.filters] }
  const bias = { name: 'bias', from: `${name}.bias`, shape: [config.filters] }
  const layer: KerasLayer = {
    className: `Conv${sizes.length}D`,
    name,
    config: {
      filters: config.filters,
      kernel_size: window,
      strides,
      padding: same ? 'same' : 'valid',
      data_format: 'channels_last',
      dilation_rate: dilation,
      activation: activation.option,
      use_bias: config.bias,
    },
    weights: config.bias ? [kernel, bias] : [kernel],
  }
  return [...(same ? [] : zeroPadded(name, sizes, channels, padding)), layer, ...activation.layers]
}

type Pooling = { poolSize: number | number[]; strides?: number | number[]; padding: WindowOptions['padding'] }

/** Padding never wins a maximum. @throws Inexpressible */
export const maxPoolingLayers = (config: Pooling, layer: LayerPlan, name: string): KerasLayer[] => {
  const { sizes, geometry, options, isPadded } = pooled(config, layer)
  if (isPadded && !isSame(geometry, sizes)) throw new Inexpressible("a padding other than 'valid' and 'same'")
  return [plainLayer(`MaxPooling${sizes.length}D`, name, { ...options, padding: isPadded ? 'same' : 'valid' })]
}

/** Padding counts as zeros in a mean, which Keras's 'same' leaves out. */
export const averagePoolingLayers = (config: Pooling, layer: LayerPlan, name: string): KerasLayer[] => {
  const { sizes, geometry, options } = pooled(config, layer)
  const zeros = zeroPadded(name, sizes, lastOf(layer.inputShape), geometry.padding)
  return [...zeros, plainLayer(`AveragePooling${sizes.length}D`, name, { ...options, padding: 'valid' })]
}

const pooled = ({ poolSize, strides = poolSize, padding }: Pooling, { inputShape }: LayerPlan) => {
  const sizes = inputShape.slice(0, -1)
  const geometry = geometryOf({ window: poolSize, strides, padding }, sizes)
  const isPadded = geometry.padding.flat().some((cells) => cells > 0)
  return { sizes, geometry, isPadded, options: { pool_size: geometry.window, strides: geometry.strides, data_format: 'channels_last' } }
}

/** True if the padding is what 'same' comes to, whatever the config calls it. */
const isSame = (geometry: WindowGeometry, sizes: readonly number[]): boolean => {
  const { padding } = geometryOf({ ...geometry, padding: 'same' }, sizes)
  return padding.flat().every((cells, at) => cells === geometry.padding.flat()[at])
}
