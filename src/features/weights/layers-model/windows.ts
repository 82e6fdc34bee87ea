/** Convolutions and pooling in Keras's words. */
import type { WindowGeometry } from '../../../catalog/layers/layer-ops.ts'
import { geometryOf } from '../../../catalog/layers/window.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import { kerasActivation } from './activations.ts'
import { Inexpressible, type KerasLayer, plainLayer, zeroPadded } from './keras-layer.ts'

/** True where the padding is what 'same' comes to, whatever the config calls it. */
const isSame = (geometry: WindowGeometry, sizes: readonly number[]): boolean => {
  const { padding } = geometryOf({ ...geometry, padding: 'same' }, sizes)
  return padding.flat().every((cells, at) => cells === geometry.padding.flat()[at])
}

/** @throws Inexpressible */
export const convolutionLayers = (name: string, { index, config, inputShape }: LayerPlan): KerasLayer[] => {
  if (config.type !== 'conv1d' && config.type !== 'conv2d' && config.type !== 'conv3d') throw new Error('not a convolution')
  const sizes = inputShape.slice(0, -1)
  const channels = inputShape.at(-1) ?? 1
  const geometry = geometryOf({ ...config, window: config.kernelSize }, sizes)
  const { window, strides, dilation, padding } = geometry
  if (dilation.some((step) => step > 1) && strides.some((step) => step > 1)) throw new Inexpressible('strides together with dilation')
  const same = isSame(geometry, sizes)
  const activation = kerasActivation(name, config.activation)
  const kernel = { name: 'kernel', from: `layers.${index}.weight`, shape: [...window, channels, config.filters] }
  const bias = { name: 'bias', from: `layers.${index}.bias`, shape: [config.filters] }
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

/** Padding never wins a maximum, and counts as zeros in a mean, which Keras's 'same' leaves out. @throws Inexpressible */
export const poolingLayers = (name: string, { config, inputShape }: LayerPlan): KerasLayer[] => {
  if (!('poolSize' in config)) throw new Error('not a pooling layer')
  const sizes = inputShape.slice(0, -1)
  const geometry = geometryOf({ window: config.poolSize, strides: config.strides ?? config.poolSize, padding: config.padding }, sizes)
  const { window, strides, padding } = geometry
  const isPadded = padding.flat().some((cells) => cells > 0)
  const options = { pool_size: window, strides, data_format: 'channels_last' }
  if (config.type.startsWith('max')) {
    if (isPadded && !isSame(geometry, sizes)) throw new Inexpressible("a padding other than 'valid' and 'same'")
    return [plainLayer(`MaxPooling${sizes.length}D`, name, { ...options, padding: isPadded ? 'same' : 'valid' })]
  }
  const zeros = zeroPadded(name, sizes, inputShape.at(-1) ?? 1, padding)
  return [...zeros, plainLayer(`AveragePooling${sizes.length}D`, name, { ...options, padding: 'valid' })]
}
