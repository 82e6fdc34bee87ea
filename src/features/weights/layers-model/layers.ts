import type { LayerPlan } from '../../../contracts/plan.ts'
import { kerasActivation } from './activations.ts'
import { type KerasLayer, plainLayer, reshaped } from './keras-layer.ts'
import { batchNormLayers, layerNormLayers } from './norms.ts'
import { convolutionLayers, poolingLayers } from './windows.ts'

/** @throws Inexpressible */
const denseLayers = (name: string, { index, config, inputShape }: LayerPlan): KerasLayer[] => {
  if (config.type !== 'dense') throw new Error('not a dense layer')
  const activation = kerasActivation(name, config.activation)
  const kernel = { name: 'kernel', from: `layers.${index}.weight`, shape: [inputShape.at(-1) ?? 1, config.units] }
  const bias = { name: 'bias', from: `layers.${index}.bias`, shape: [config.units] }
  const options = { units: config.units, use_bias: config.bias, activation: activation.option }
  return [{ className: 'Dense', name, config: options, weights: config.bias ? [kernel, bias] : [kernel] }, ...activation.layers]
}

const activationLayers = (name: string, { config }: LayerPlan): KerasLayer[] => {
  if (config.type !== 'activation') throw new Error('not an activation')
  const { option, layers } = kerasActivation(name, config.activation)
  return layers.length > 0 ? layers : [plainLayer('Activation', name, { activation: option })]
}

/** The Keras layers that compute what one of ours does. @throws Inexpressible */
export const kerasLayersOf = (layer: LayerPlan): KerasLayer[] => {
  const { index, config, outputShape } = layer
  const name = `layers.${index}`
  switch (config.type) {
    case 'dense':
      return denseLayers(name, layer)
    case 'activation':
      return activationLayers(name, layer)
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
      return convolutionLayers(name, layer)
    case 'flatten':
    case 'reshape':
      return [reshaped(name, outputShape)]
    case 'dropout':
      return [plainLayer('Dropout', name, { rate: config.p })]
    case 'batchNorm':
      return batchNormLayers(name, layer)
    case 'layerNorm':
      return layerNormLayers(name, layer)
    case 'embedding': {
      const weight = { name: 'embeddings', from: `${name}.weight`, shape: [config.vocabularySize, config.units] }
      const options = { input_dim: config.vocabularySize, output_dim: config.units }
      return [{ className: 'Embedding', name, config: options, weights: [weight] }]
    }
    default:
      return poolingLayers(name, layer)
  }
}
