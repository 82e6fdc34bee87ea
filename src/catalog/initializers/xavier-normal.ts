import { defineInitializer, expectsFans, gain, normalWith } from '../initializer.ts'

export const xavierNormal = defineInitializer({
  type: 'xavierNormal',
  summary: 'Normal with mean 0 and standard deviation gain · √(2 / (fanIn + fanOut)).',
  source: 'torch.nn.init.xavier_normal_',
  options: { gain },
  expects: expectsFans,
  fill: (weight, stream, options) => normalWith(0, options.gain * Math.sqrt(2 / (weight.fanIn + weight.fanOut)), weight, stream),
})
