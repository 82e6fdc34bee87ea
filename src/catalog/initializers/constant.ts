import { defineInitializer, finite, sizeOf } from '../initializer.ts'

export const constant = defineInitializer({
  type: 'constant',
  summary: 'One value everywhere.',
  source: 'torch.nn.init.constant_',
  options: { val: finite(0, 'The value.') },
  fill: ({ shape }, _stream, { val }) => new Float32Array(sizeOf(shape)).fill(val),
})
