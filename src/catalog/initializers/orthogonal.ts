import { orthonormalColumns } from '../../numerics/qr.ts'
import { defineInitializer, expectsFans, gain, sizeOf } from '../initializer.ts'

export const orthogonal = defineInitializer({
  type: 'orthogonal',
  summary: 'gain times a random orthogonal matrix, all inputs of the kernel by outputs: its shorter side is orthonormal.',
  source: 'torch.nn.init.orthogonal_',
  options: { gain },
  expects: expectsFans,
  fill: ({ shape }, stream, options) => {
    const columns = shape.at(-1) ?? 1
    const rows = sizeOf(shape) / columns
    const tall = rows >= columns
    const [long, short] = tall ? [rows, columns] : [columns, rows]
    const basis = orthonormalColumns(stream.normals(long * short), long, short)
    return Float32Array.from({ length: rows * columns }, (_, position) => {
      const row = Math.floor(position / columns)
      const column = position % columns
      return options.gain * (basis[tall ? row * short + column : column * short + row] ?? 0)
    })
  },
})
