import { sizeOf } from '../../numerics/shape.ts'
import { defineLayer } from './layer.ts'

/** One flat axis per example, in row-major order. */
export const flatten = defineLayer({
  type: 'flatten',
  summary: 'Turns each example into one flat axis, in row-major order.',
  source: 'torch.nn.Flatten',
  options: {},
  keepsIndices: () => true,
  infer: (_options, inputShape) => ({ outputShape: [sizeOf(inputShape)], parameters: [], buffers: [] }),
  forward: (ops, { input }) => ({
    output: input.shape.length === 2 ? input : ops.reshape(input, [input.shape[0] ?? -1, sizeOf(input.shape.slice(1))]),
  }),
})
