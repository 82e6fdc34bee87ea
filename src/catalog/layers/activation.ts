import { activate, isIdentity } from '../activations.ts'
import { defineLayer } from './layer.ts'
import { activation as option } from './layer-options.ts'

/** An activation as a layer of its own. */
export const activation = defineLayer({
  type: 'activation',
  summary: 'Applies an activation to every value; softmax and logSoftmax along the last axis.',
  options: { activation: option },
  keepsIndices: ({ activation: chosen }) => isIdentity(chosen),
  infer: (_options, inputShape) => ({ outputShape: inputShape, parameters: [], buffers: [] }),
  forward: (ops, { options, input }) => ({ output: activate(ops, options.activation, input) }),
})
