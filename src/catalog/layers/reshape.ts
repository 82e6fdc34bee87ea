import { Type } from 'typebox'
import { describeShape, sizeOf } from '../../numerics/shape.ts'
import { defineLayer } from './layer.ts'

/** The same values in another shape. */
export const reshape = defineLayer({
  type: 'reshape',
  summary: 'Gives each example another shape with as many values, in row-major order; one size may be -1.',
  source: 'torch.nn.Unflatten',
  options: {
    shape: Type.Array(Type.Integer({ minimum: -1, maximum: 10_000_000 }), {
      minItems: 1,
      maxItems: 5,
      description: 'Shape of one example, without the batch axis; one size may be -1: what remains.',
    }),
  },
  keepsIndices: () => true,
  infer: ({ shape }, inputShape) => {
    const values = sizeOf(inputShape)
    const known = sizeOf(shape.filter((size) => size !== -1))
    const outputShape = shape.map((size) => (size === -1 ? values / known : size))
    const fits =
      shape.filter((size) => size === -1).length <= 1 &&
      sizeOf(outputShape) === values &&
      outputShape.every((size) => size >= 1 && Number.isInteger(size))
    if (!fits)
      return {
        option: 'shape',
        expected: `a shape of ${values} values, as the input ${describeShape(inputShape)} has`,
        got: describeShape(shape),
      }
    return { outputShape, parameters: [], buffers: [] }
  },
  forward: (ops, { options, input }) => {
    const values = sizeOf(input.shape.slice(1))
    const known = sizeOf(options.shape.filter((size) => size !== -1))
    return { output: ops.reshape(input, [input.shape[0] ?? -1, ...options.shape.map((size) => (size === -1 ? values / known : size))]) }
  },
})
