import type { InitializerConfig } from '../initializers.ts'
import type { LayerParameter } from './layer.ts'

type Options = { bias: boolean; weightInitializer: InitializerConfig; biasInitializer: InitializerConfig }
type Weight = Pick<LayerParameter, 'shape' | 'fanIn' | 'fanOut'>

/** The parameters of a layer that computes x·W + b; the bias is scaled by the fans of its weight, as in PyTorch. */
export const weightAndBias = (options: Options, weight: Weight): LayerParameter[] => {
  const weights: LayerParameter = { name: 'weight', ...weight, initializer: options.weightInitializer }
  if (!options.bias) return [weights]
  return [weights, { ...weights, name: 'bias', shape: weight.shape.slice(-1), initializer: options.biasInitializer }]
}
