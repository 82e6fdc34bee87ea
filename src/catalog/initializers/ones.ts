import { defineInitializer, sizeOf } from '../initializer.ts'

export const ones = defineInitializer({
  type: 'ones',
  summary: 'Ones.',
  source: 'torch.nn.init.ones_',
  options: {},
  fill: ({ shape }) => new Float32Array(sizeOf(shape)).fill(1),
})
