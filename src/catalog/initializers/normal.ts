import { defineInitializer, finite, normalWith, spread } from '../initializer.ts'

export const normal = defineInitializer({
  type: 'normal',
  summary: 'Values from N(mean, std²).',
  source: 'torch.nn.init.normal_',
  options: { mean: finite(0, 'Mean.'), std: spread(1, 'Standard deviation.') },
  fill: (weight, stream, { mean, std }) => normalWith(mean, std, weight, stream),
})
