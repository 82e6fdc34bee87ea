import { defineInitializer, expectsFans, gain, uniformWithin } from '../initializer.ts'

export const xavierUniform = defineInitializer({
  type: 'xavierUniform',
  summary: 'Uniform within ±gain · √(6 / (fanIn + fanOut)).',
  source: 'torch.nn.init.xavier_uniform_',
  options: { gain },
  expects: expectsFans,
  fill: (weight, stream, options) => uniformWithin(options.gain * Math.sqrt(6 / (weight.fanIn + weight.fanOut)), weight, stream),
})
