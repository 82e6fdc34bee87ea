/** Normalizations in Keras's words. TensorFlow.js normalizes up to three axes of an example, so more are seen as fewer. */

import type { LayerConfigOf } from '../../../catalog/layers/all-layers.ts'
import { epsilonOf } from '../../../catalog/layers/norm-parameters.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import { lastOf } from '../../../numerics/must.ts'
import { sizeOf } from '../../../numerics/shape.ts'
import { type KerasLayer, reshaped } from './keras-layer.ts'

export const batchNormLayers = (config: LayerConfigOf<'batchNorm'>, { inputShape }: LayerPlan, name: string): KerasLayer[] => {
  const channels = lastOf(inputShape)
  const weight = (theirs: string, ours: string) => ({ name: theirs, from: `${name}.${ours}`, shape: [channels] })
  const layer: KerasLayer = {
    className: 'BatchNormalization',
    name,
    config: { axis: -1, momentum: 1 - config.momentum, epsilon: epsilonOf(config), center: config.affine, scale: config.affine },
    weights: [
      ...(config.affine ? [weight('gamma', 'weight'), weight('beta', 'bias')] : []),
      weight('moving_mean', 'runningMean'),
      weight('moving_variance', 'runningVariance'),
    ],
  }
  return seenAs(layer, inputShape, inputShape.length > 3 ? [sizeOf(inputShape.slice(0, -1)), channels] : inputShape)
}

export const layerNormLayers = (config: LayerConfigOf<'layerNorm'>, { inputShape }: LayerPlan, name: string): KerasLayer[] => {
  const count = config.normalizedShape?.length ?? 1
  const values = sizeOf(inputShape.slice(-count))
  const weight = (theirs: string, ours: string) => ({ name: theirs, from: `${name}.${ours}`, shape: [values] })
  const layer: KerasLayer = {
    className: 'LayerNormalization',
    name,
    config: { axis: -1, epsilon: epsilonOf(config), center: config.elementwiseAffine, scale: config.elementwiseAffine },
    weights: config.elementwiseAffine ? [weight('gamma', 'weight'), weight('beta', 'bias')] : [],
  }
  const isDirect = count === 1 && inputShape.length <= 3
  return seenAs(layer, inputShape, isDirect ? inputShape : [sizeOf(inputShape.slice(0, -count)), values])
}

/** The layer on an example of another shape, and back. */
export const seenAs = (layer: KerasLayer, shape: readonly number[], seen: readonly number[]): KerasLayer[] => {
  if (seen === shape) return [layer]
  return [reshaped(`${layer.name}.flattened`, seen), layer, reshaped(`${layer.name}.restored`, shape)]
}
