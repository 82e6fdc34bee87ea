import { Type } from 'typebox'
import { truncatedNormalQuantile } from '../../numerics/truncated-normal.ts'
import { crossedBounds, defineInitializer, filledWith, finite } from '../initializer.ts'

export const truncatedNormal = defineInitializer({
  type: 'truncatedNormal',
  summary: 'Values from N(mean, std²) that lie between a and b.',
  source: 'torch.nn.init.trunc_normal_',
  options: {
    mean: finite(0, 'Mean before cutting.'),
    std: Type.Number({ exclusiveMinimum: 0, maximum: 1e6, default: 1, description: 'Standard deviation before cutting, above 0.' }),
    a: finite(-2, 'Smallest value.'),
    b: finite(2, 'Largest value.'),
  },
  conflict: crossedBounds,
  fill: (weight, stream, options) => filledWith(weight, stream.uniforms, truncatedNormalQuantile(options)),
})
