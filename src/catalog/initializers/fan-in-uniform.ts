import { defineInitializer, expectsFans, uniformWithin } from '../initializer.ts'

export const fanInUniform = defineInitializer({
  type: 'fanInUniform',
  summary: "Uniform within ±1/√fanIn: PyTorch's default for weights and biases of dense and convolution layers.",
  source: 'torch.nn.Linear.reset_parameters',
  options: {},
  expects: expectsFans,
  fill: (weight, stream) => uniformWithin(1 / Math.sqrt(weight.fanIn), weight, stream),
})
