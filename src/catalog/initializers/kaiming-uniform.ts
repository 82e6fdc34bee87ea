import { defineInitializer, expectsFans, uniformWithin } from '../initializer.ts'
import { kaimingOptions, kaimingStd } from './kaiming.ts'

export const kaimingUniform = defineInitializer({
  type: 'kaimingUniform',
  summary: 'Uniform within ±gain · √(3 / fan).',
  source: 'torch.nn.init.kaiming_uniform_',
  options: kaimingOptions,
  expects: expectsFans,
  fill: (weight, stream, options) => uniformWithin(Math.sqrt(3) * kaimingStd(weight, options), weight, stream),
})
