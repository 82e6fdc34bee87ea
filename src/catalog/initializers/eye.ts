import { defineInitializer, sizeOf } from '../initializer.ts'

export const eye = defineInitializer({
  type: 'eye',
  summary: 'Ones on the diagonal of a matrix, zeros elsewhere: a dense layer passes its inputs on.',
  source: 'torch.nn.init.eye_',
  options: {},
  expects: (shape) => (shape.length === 2 ? undefined : 'exactly two axes, [in, out]'),
  fill: ({ shape }) => {
    const columns = shape.at(-1) ?? 1
    return Float32Array.from({ length: sizeOf(shape) }, (_, position) => (Math.floor(position / columns) === position % columns ? 1 : 0))
  },
})
