import { Type } from 'typebox'
import { describeShape, sizeOf } from '../../numerics/shape.ts'
import { defineLayer } from './layer.ts'
import { epsilonOf, epsilonOptions, scaleAndShift } from './norm-parameters.ts'

/** Normalizes each example over its last axes, then scales and shifts it. */
export const layerNorm = defineLayer({
  type: 'layerNorm',
  summary: 'Normalizes each example over its last axes, then scales and shifts.',
  source: 'torch.nn.LayerNorm',
  options: {
    normalizedShape: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1 }), {
        minItems: 1,
        maxItems: 4,
        description: 'The last axes, over which to normalize; left out, the last one.',
      }),
    ),
    ...epsilonOptions,
    elementwiseAffine: Type.Boolean({ default: true, description: 'Whether a scale and a shift are learned.' }),
  },
  infer: ({ normalizedShape, elementwiseAffine }, inputShape) => {
    const shape = normalizedShape ?? inputShape.slice(-1)
    const last = inputShape.slice(-shape.length)
    if (describeShape(last) !== describeShape(shape))
      return { option: 'normalizedShape', expected: `the last axes of the input ${describeShape(inputShape)}`, got: describeShape(shape) }
    return { outputShape: inputShape, parameters: elementwiseAffine ? scaleAndShift(shape, sizeOf(shape)) : [], buffers: [] }
  },
  forward: (ops, { options, input, parameters: { weight, bias } }) => {
    const rank = input.shape.length
    const count = options.normalizedShape?.length ?? 1
    const axes = Array.from({ length: count }, (_, axis) => rank - count + axis)
    const centered = ops.sub(input, ops.mean(input, axes, true))
    const variance = ops.mean(ops.square(centered), axes, true)
    const normalized = ops.div(centered, ops.sqrt(ops.add(variance, epsilonOf(options))))
    return { output: weight && bias ? ops.add(ops.mul(normalized, weight), bias) : normalized }
  },
})
