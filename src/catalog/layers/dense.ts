import { lastOf } from '../../numerics/must.ts'
import { activate, isIdentity } from '../activations.ts'
import { defineLayer } from './layer.ts'
import { activation, bias, biasInitializer, size, weightInitializer } from './layer-options.ts'
import { weightAndBias } from './weight-and-bias.ts'

/** y = activation(x·W + b) over the last axis, W of shape `[in, units]`. */
export const dense = defineLayer({
  type: 'dense',
  summary: 'Linear map of the last axis: y = activation(x·W + b), with W of shape [in, units].',
  source: 'torch.nn.Linear',
  options: { units: size('Outputs.'), activation, bias, weightInitializer, biasInitializer },
  linearMap: ({ units, bias, activation }) => ({ units, bias, isAffine: isIdentity(activation) }),
  infer: (options, inputShape) => {
    const inputs = inputShape.at(-1)
    if (inputs === undefined) return { expected: 'at least one axis', got: '[]' }
    return {
      outputShape: [...inputShape.slice(0, -1), options.units],
      parameters: weightAndBias(options, { shape: [inputs, options.units], fanIn: inputs, fanOut: options.units }),
      buffers: [],
    }
  },
  forward: (ops, { options, input, parameters: { weight, bias } }) => {
    if (!weight) throw new Error('a dense layer has a weight')
    const inputs = lastOf(input.shape)
    const rows = input.shape.length === 2 ? input : ops.reshape(input, [-1, inputs])
    const product = ops.matMul(rows, weight)
    const affine = bias ? ops.biasAdd(product, bias) : product
    const output = input.shape.length === 2 ? affine : ops.reshape(affine, [...input.shape.slice(0, -1), options.units])
    return { output: activate(ops, options.activation, output) }
  },
})
