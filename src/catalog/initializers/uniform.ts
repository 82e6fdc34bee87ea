import { crossedBounds, defineInitializer, filledWith, finite } from '../initializer.ts'

export const uniform = defineInitializer({
  type: 'uniform',
  summary: 'Values uniform between a and b.',
  source: 'torch.nn.init.uniform_',
  options: { a: finite(0, 'Lower bound.'), b: finite(1, 'Upper bound.') },
  conflict: crossedBounds,
  fill: (weight, stream, { a, b }) => filledWith(weight, stream.uniforms, (value) => a + (b - a) * value),
})
