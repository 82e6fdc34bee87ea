/** What an initializer is: a catalog entry that fills a weight tensor from a random stream. */
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import type { RandomStream } from '../numerics/random.ts'
import type { Definition } from './definition.ts'

/**
 * The tensor to fill. Dense weights are `[in, out]`, convolutions `[...kernel, in, out]`; `fanIn` inputs feed one
 * unit, `fanOut` units are fed by one input.
 */
export type WeightPlan = { shape: readonly number[]; fanIn: number; fanOut: number }

/** Which option does not go with the others, and what is expected of it. */
export type OptionConflict = { option: string; expected: string; value: number }

export type Initializer<Options extends TProperties = TProperties> = Definition<Options> & {
  /** Shapes that it cannot fill are refused: what is expected instead. */
  expects?(shape: readonly number[]): string | undefined
  /** Options, each in its range, that cannot go together are refused: which one, and what is expected of it. */
  conflict?(options: Static<TObject<Options>>): OptionConflict | undefined
  /** The values, flat and row-major. */
  fill(weight: WeightPlan, stream: RandomStream, options: Static<TObject<Options>>): Float32Array
}

/** Names the types of an initializer's options. */
export const defineInitializer = <const Options extends TProperties, const Type extends string>(
  initializer: Initializer<Options> & { type: Type },
): Initializer<Options> & { type: Type } => initializer

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

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
    for (let at = 0; at < drawn.length; at += 1) values[from + at] = transform(drawn[at] ?? 0)
  }
  return values
}

/** Values uniform in [-bound, bound). */
export const uniformWithin = (bound: number, weight: WeightPlan, stream: RandomStream): Float32Array =>
  filledWith(weight, stream.uniforms, (uniform) => bound * (2 * uniform - 1))

/** Values from N(mean, std²). */
export const normalWith = (mean: number, std: number, weight: WeightPlan, stream: RandomStream): Float32Array =>
  filledWith(weight, stream.normals, (normal) => mean + std * normal)

/** Bounds a and b the wrong way round. */
export const crossedBounds = ({ a, b }: { a: number; b: number }): OptionConflict | undefined =>
  a <= b ? undefined : { option: 'b', expected: `at least a, which is ${a}`, value: b }

/** A finite option. */
export const finite = (byDefault: number, description: string) =>
  Type.Number({ minimum: -1e6, maximum: 1e6, default: byDefault, description })
export const spread = (byDefault: number, description: string) => Type.Number({ minimum: 0, maximum: 1e6, default: byDefault, description })
export const gain = spread(1, 'Factor for what follows the layer; see the gains.')
