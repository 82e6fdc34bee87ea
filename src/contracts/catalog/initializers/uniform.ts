import { crossedBounds, defineInitializer, finite, sizeOf } from '../initializer.ts'

export const uniform = defineInitializer({
  type: 'uniform',
  summary: 'Values uniform between a and b.',
  source: 'torch.nn.init.uniform_',
  options: { a: finite(0, 'Lower bound.'), b: finite(1, 'Upper bound.') },
  conflict: crossedBounds,
  fill: ({ shape }, stream, { a, b }) => Float32Array.from(stream.uniforms(sizeOf(shape)), (value) => a + (b - a) * value),
})
