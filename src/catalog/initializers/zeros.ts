import { defineInitializer, sizeOf } from '../initializer.ts'

export const zeros = defineInitializer({
  type: 'zeros',
  summary: 'Zeros.',
  source: 'torch.nn.init.zeros_',
  options: {},
  fill: ({ shape }) => new Float32Array(sizeOf(shape)),
})
