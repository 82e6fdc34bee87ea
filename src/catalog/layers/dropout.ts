import { Type } from 'typebox'
import { defineLayer } from './layer.ts'

/** Sets values to zero at random in training and scales the others up; does nothing in evaluation. */
export const dropout = defineLayer({
  type: 'dropout',
  summary: 'In training sets each value to zero with probability p and divides the others by 1 - p; does nothing in evaluation.',
  source: 'torch.nn.Dropout',
  options: { p: Type.Number({ minimum: 0, maximum: 1, default: 0.5, description: 'Probability that a value is set to zero.' }) },
  dropped: ({ p }) => p,
  keepsIndices: ({ p }) => p === 0,
  infer: (_options, inputShape) => ({ outputShape: inputShape, parameters: [], buffers: [] }),
  forward: (ops, { input, training, mask }) => ({ output: training && mask ? ops.mul(input, mask) : input }),
})
