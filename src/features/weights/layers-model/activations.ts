import type { ActivationConfig, ActivationType } from '../../../catalog/activations.ts'
import { filledActivation } from '../filled-activation.ts'
import { Inexpressible, type KerasLayer, plainLayer } from './keras-layer.ts'

/** Keras's names of activations without options; as an option of a layer these are part of it. */
const names: Partial<Record<ActivationType, string>> = {
  linear: 'linear',
  relu: 'relu',
  selu: 'selu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softmax: 'softmax',
  logSoftmax: 'logSoftmax',
  silu: 'swish',
}

/** The name by which Keras's layers take an activation; undefined where it is layers of its own. */
const nameOf = (config: ActivationConfig): string | undefined => {
  if (config.type === 'gelu' && config.approximate === 'none') return 'gelu'
  if (config.type === 'elu' && config.alpha === 1) return 'elu'
  if (config.type === 'softplus' && config.beta === 1) return 'softplus'
  return names[config.type]
}

/** Layers of its own for an activation with options. @throws Inexpressible */
const layersOf = (name: string, config: ActivationConfig): KerasLayer[] => {
  if (config.type === 'leakyRelu') return [plainLayer('LeakyReLU', `${name}.activation`, { alpha: config.negativeSlope })]
  if (config.type === 'softplus')
    return [
      plainLayer('Rescaling', `${name}.sharpened`, { scale: config.beta, offset: 0 }),
      plainLayer('Activation', `${name}.activation`, { activation: 'softplus' }),
      plainLayer('Rescaling', `${name}.softened`, { scale: 1 / config.beta, offset: 0 }),
    ]
  if (config.type === 'elu') throw new Inexpressible('its activation elu with an alpha other than 1')
  throw new Inexpressible('its activation gelu approximated by tanh')
}

/** An activation as an option of the layer `name`, or as layers behind it. @throws Inexpressible */
export const kerasActivation = (name: string, given: ActivationType | ActivationConfig): { option: string; layers: KerasLayer[] } => {
  const config = filledActivation(given)
  const option = nameOf(config)
  return option ? { option, layers: [] } : { option: 'linear', layers: layersOf(name, config) }
}
