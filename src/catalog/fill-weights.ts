/** How initializers fill a weight tensor from a random stream. */

import { present } from '../numerics/must.ts'
import type { RandomStream } from '../numerics/random.ts'
import { sizeOf } from '../numerics/shape.ts'

/**
 * The tensor to fill. Dense weights are `[in, out]`, convolutions `[...kernel, in, out]`; `fanIn` inputs feed one
 * unit, `fanOut` units are fed by one input.
 */
export type WeightPlan = { shape: readonly number[]; fanIn: number; fanOut: number }

/** Fans of a weight tensor `[...kernel, in, out]`; a bias or a scalar has none of its own and counts as 1 by 1. */
export const fansOf = (shape: readonly number[]): { fanIn: number; fanOut: number } => {
  const [inputs = 1, outputs = 1] = shape.slice(-2)
  if (shape.length < 2) return { fanIn: sizeOf(shape), fanOut: sizeOf(shape) }
  const window = sizeOf(shape.slice(0, -2))
  return { fanIn: window * inputs, fanOut: window * outputs }
}

/** Why a tensor without inputs and outputs of its own cannot be scaled by them. */
export const expectsFans = (shape: readonly number[]): string | undefined =>
  shape.length < 2 ? 'at least two axes, [in, out] or [...kernel, in, out]' : undefined

/** Numbers drawn at a time: all of a large tensor's, in float64, would take twice its memory. */
const drawnAtOnce = 65_536

/** So many numbers from a stream, each made a value. */
export const filledWith = (
  { shape }: WeightPlan,
  draw: (count: number, from: number) => Float64Array,
  transform: (drawn: number) => number,
): Float32Array => {
  const values = new Float32Array(sizeOf(shape))
  for (let from = 0; from < values.length; from += drawnAtOnce) {
    const drawn = draw(Math.min(drawnAtOnce, values.length - from), from)
    for (let at = 0; at < drawn.length; at += 1) values[from + at] = transform(present(drawn[at]))
  }
  return values
}

/** Values uniform in [-bound, bound). */
export const uniformWithin = (bound: number, weight: WeightPlan, stream: RandomStream): Float32Array =>
  filledWith(weight, stream.uniforms, (uniform) => bound * (2 * uniform - 1))

/** Values from N(mean, std²). */
export const normalWith = (mean: number, std: number, weight: WeightPlan, stream: RandomStream): Float32Array =>
  filledWith(weight, stream.normals, (normal) => mean + std * normal)
