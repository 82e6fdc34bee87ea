import { Type } from 'typebox'
import { keptFromZero } from '../ops.ts'
import type { LayerParameter } from './layer.ts'

/** The learned scale, from ones, and shift, from zeros, of a normalization. */
export const scaleAndShift = (shape: number[], fan: number): LayerParameter[] => [
  { name: 'weight', shape, fanIn: fan, fanOut: fan, initializer: { type: 'ones' } },
  { name: 'bias', shape, fanIn: fan, fanOut: fan, initializer: { type: 'zeros' } },
]

const floor = { minimum: 0, maximum: 1 }

/** What is added to the variance, by the optimizers' name for it or by PyTorch's. */
export const epsilonOptions = {
  epsilon: Type.Number({ ...floor, default: 1e-5, description: 'Added to the variance.' }),
  eps: Type.Optional(Type.Number({ ...floor, description: "PyTorch's name for epsilon, in place of which it counts if given." })),
}

/** The number that counts. */
export const epsilonOf = ({ epsilon, eps }: { epsilon: number; eps?: number }): number => keptFromZero(eps ?? epsilon)
