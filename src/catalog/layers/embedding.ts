import { defineLayer } from './layer.ts'
import { embeddingInitializer, size } from './layer-options.ts'

/** A learned vector for each index. */
export const embedding = defineLayer({
  type: 'embedding',
  summary: 'Replaces each index by a learned vector: [...] becomes [..., units].',
  source: 'torch.nn.Embedding',
  options: {
    vocabularySize: { ...size('Number of indices: they lie in 0 to vocabularySize - 1.'), maximum: 10_000_000 },
    units: size('Length of each vector.'),
    weightInitializer: embeddingInitializer,
  },
  indices: ({ vocabularySize }) => vocabularySize,
  infer: (options, inputShape) => ({
    outputShape: [...inputShape, options.units],
    parameters: [
      {
        name: 'weight',
        shape: [options.vocabularySize, options.units],
        fanIn: options.vocabularySize,
        fanOut: options.units,
        initializer: options.weightInitializer,
      },
    ],
    buffers: [],
  }),
  forward: (ops, { input, parameters: { weight } }) => {
    if (!weight) throw new Error('an embedding layer has a weight')
    return { output: ops.lookUp(weight, input) }
  },
})
