import { type ByType, callByType } from '../../../catalog/by-type.ts'
import type { LayerConfig } from '../../../catalog/layers/all-layers.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import { lastOf } from '../../../numerics/must.ts'
import { kerasActivation } from './activations.ts'
import { type KerasLayer, plainLayer, reshaped } from './keras-layer.ts'
import { batchNormLayers, layerNormLayers } from './norms.ts'
import { averagePoolingLayers, convolutionLayers, maxPoolingLayers } from './windows.ts'

/** The Keras layers that compute what one of ours does. @throws Inexpressible */
export const kerasLayersOf = (layer: LayerPlan): KerasLayer[] => callByType(kerasLayers, layer.config, layer, `layers.${layer.index}`)

const reshapedLayers = (_config: unknown, { outputShape }: LayerPlan, name: string): KerasLayer[] => [reshaped(name, outputShape)]

const kerasLayers: ByType<LayerConfig, [layer: LayerPlan, name: string], KerasLayer[]> = {
  dense: (config, { inputShape }, name) => {
    const activation = kerasActivation(name, config.activation)
    const kernel = { name: 'kernel', from: `${name}.weight`, shape: [lastOf(inputShape), config.units] }
    const bias = { name: 'bias', from: `${name}.bias`, shape: [config.units] }
    const options = { units: config.units, use_bias: config.bias, activation: activation.option }
    return [{ className: 'Dense', name, config: options, weights: config.bias ? [kernel, bias] : [kernel] }, ...activation.layers]
  },
  activation: ({ activation }, _layer, name) => {
    const { option, layers } = kerasActivation(name, activation)
    return layers.length > 0 ? layers : [plainLayer('Activation', name, { activation: option })]
  },
  conv1d: convolutionLayers,
  conv2d: convolutionLayers,
  conv3d: convolutionLayers,
  maxPool1d: maxPoolingLayers,
  maxPool2d: maxPoolingLayers,
  maxPool3d: maxPoolingLayers,
  avgPool1d: averagePoolingLayers,
  avgPool2d: averagePoolingLayers,
  avgPool3d: averagePoolingLayers,
  flatten: reshapedLayers,
  reshape: reshapedLayers,
  dropout: ({ p }, _layer, name) => [plainLayer('Dropout', name, { rate: p })],
  batchNorm: batchNormLayers,
  layerNorm: layerNormLayers,
  embedding: ({ vocabularySize, units }, _layer, name) => {
    const weight = { name: 'embeddings', from: `${name}.weight`, shape: [vocabularySize, units] }
    return [{ className: 'Embedding', name, config: { input_dim: vocabularySize, output_dim: units }, weights: [weight] }]
  },
}
