/** In which order PyTorch has the axes of an example: our channels are always last, its modules want them first or last. */
import { sizeOf } from '../../../numerics/shape.ts'

export type Order = 'first' | 'last'

/** A shape of ours with its channels first. */
export const channelsFirst = (shape: readonly number[]): number[] => [...shape.slice(-1), ...shape.slice(0, -1)]

/** True if moving the channels moves no value. */
export const isSameEitherWay = (shape: readonly number[]): boolean => shape.at(-1) === 1 || sizeOf(shape.slice(0, -1)) === 1
