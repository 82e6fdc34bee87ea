import { normalCumulative } from '../../../numerics/normal-cumulative.ts'
import { normalQuantile } from '../../../numerics/normal-quantile.ts'
import { crossedBounds, defineInitializer, finite, sizeOf, spread } from '../initializer.ts'

export const truncatedNormal = defineInitializer({
  type: 'truncatedNormal',
  summary: 'Values from N(mean, std²) that lie between a and b.',
  source: 'torch.nn.init.trunc_normal_',
  options: {
    mean: finite(0, 'Mean before cutting.'),
    std: spread(1, 'Standard deviation before cutting.'),
    a: finite(-2, 'Smallest value.'),
    b: finite(2, 'Largest value.'),
  },
  conflict: crossedBounds,
  fill: ({ shape }, stream, { mean, std, a, b }) => {
    const low = normalCumulative((a - mean) / std)
    const high = normalCumulative((b - mean) / std)
    const within = (value: number): number => Math.min(b, Math.max(a, value))
    return Float32Array.from(stream.uniforms(sizeOf(shape)), (uniform) => within(mean + std * normalQuantile(low + (high - low) * uniform)))
  },
})
