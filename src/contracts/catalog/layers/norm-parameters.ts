import type { LayerParameter } from './layer.ts'

/** The learned scale, from ones, and shift, from zeros, of a normalization. */
export const scaleAndShift = (shape: number[], fan: number): LayerParameter[] => [
  { name: 'weight', shape, fanIn: fan, fanOut: fan, initializer: { type: 'ones' } },
  { name: 'bias', shape, fanIn: fan, fanOut: fan, initializer: { type: 'zeros' } },
]
