import { defineInitializer, expectsFans, normalWith } from '../initializer.ts'
import { kaimingOptions, kaimingStd } from './kaiming.ts'

export const kaimingNormal = defineInitializer({
  type: 'kaimingNormal',
  summary: 'Normal with mean 0 and standard deviation gain / √fan.',
  source: 'torch.nn.init.kaiming_normal_',
  options: kaimingOptions,
  expects: expectsFans,
  fill: (weight, stream, options) => normalWith(0, kaimingStd(weight, options), weight, stream),
})
