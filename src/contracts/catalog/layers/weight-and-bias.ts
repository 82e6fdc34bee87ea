import type { InitializerConfig } from '../initializers.ts'
import type { LayerParameter } from './layer.ts'

type Options = { bias: boolean; weightInitializer?: InitializerConfig; biasInitializer?: InitializerConfig }
type Weight = Pick<LayerParameter, 'shape' | 'fanIn' | 'fanOut'>

/**
 * The parameters of a layer that computes x·W + b. Both start within ±1/√fanIn unless the config says otherwise, as
 * PyTorch's Linear and Conv do: Kaiming's uniform bound with slope √5 is just that.
 */
export const weightAndBias = (options: Options, weight: Weight): LayerParameter[] => {
  const bound = 1 / Math.sqrt(weight.fanIn)
  const byDefault: InitializerConfig = { type: 'uniform', low: -bound, high: bound }
  const weights: LayerParameter = { name: 'weight', ...weight, initializer: options.weightInitializer ?? byDefault }
  if (!options.bias) return [weights]
  const biases: LayerParameter = {
    name: 'bias',
    shape: weight.shape.slice(-1),
    fanIn: weight.fanIn,
    fanOut: weight.fanOut,
    initializer: options.biasInitializer ?? byDefault,
  }
  return [weights, biases]
}
