import type { ActivationConfig, ActivationType } from '../../../catalog/activations.ts'
import { type ByType, callByType } from '../../../catalog/by-type.ts'
import { filledActivation } from '../filled-activation.ts'
import { Inexpressible, type KerasLayer, plainLayer } from './keras-layer.ts'

/** An activation as an option of a layer, or as layers behind it. */
type KerasActivation = { option: string; layers: KerasLayer[] }

/** An activation as an option of the layer `name`, or as layers behind it. @throws Inexpressible */
export const kerasActivation = (name: string, given: ActivationType | ActivationConfig): KerasActivation =>
  callByType(activations, filledActivation(given), name)

const option = (word: string): KerasActivation => ({ option: word, layers: [] })
const layersBehind = (layers: KerasLayer[]): KerasActivation => ({ option: 'linear', layers })

const activations: ByType<ActivationConfig, [name: string], KerasActivation> = {
  linear: () => option('linear'),
  relu: () => option('relu'),
  leakyRelu: ({ negativeSlope }, name) => layersBehind([plainLayer('LeakyReLU', `${name}.activation`, { alpha: negativeSlope })]),
  elu: ({ alpha }) => {
    if (alpha !== 1) throw new Inexpressible('its activation elu with an alpha other than 1')
    return option('elu')
  },
  selu: () => option('selu'),
  gelu: ({ approximate }) => {
    if (approximate !== 'none') throw new Inexpressible('its activation gelu approximated by tanh')
    return option('gelu')
  },
  silu: () => option('swish'),
  softplus: ({ beta }, name) => {
    const softplus = 'softplus'
    if (beta === 1) return option(softplus)
    return layersBehind([
      plainLayer('Rescaling', `${name}.sharpened`, { scale: beta, offset: 0 }),
      plainLayer('Activation', `${name}.activation`, { activation: softplus }),
      plainLayer('Rescaling', `${name}.softened`, { scale: 1 / beta, offset: 0 }),
    ])
  },
  sigmoid: () => option('sigmoid'),
  tanh: () => option('tanh'),
  softmax: () => option('softmax'),
  logSoftmax: () => option('logSoftmax'),
}
