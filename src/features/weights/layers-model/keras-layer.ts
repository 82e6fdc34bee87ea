/** What a layer of ours becomes in Keras's words, which TensorFlow.js reads. */
import { must } from '../../../numerics/must.ts'

/** A weight of a Keras layer: its short name there, and the name of ours whose values it has, in the shape that it has there. */
export type KerasWeight = { name: string; from: string; shape: number[] }

/** One layer of Keras; several may stand for one of ours. */
export type KerasLayer = { className: string; name: string; config: Record<string, unknown>; weights: KerasWeight[] }

/** A layer that a LayersModel has no words for; the message says what of it. */
export class Inexpressible extends Error {}

/** A layer without weights. */
export const plainLayer = (className: string, name: string, config: Record<string, unknown> = {}): KerasLayer => ({
  className,
  name,
  config,
  weights: [],
})

export const reshaped = (name: string, shape: readonly number[]): KerasLayer => plainLayer('Reshape', name, { target_shape: shape })

/**
 * Zeros around an example of `sizes` and so many channels. TensorFlow.js pads images of two spatial axes only, so
 * a sequence is seen as an image one wide, and a volume is padded along two of its axes and then along the third.
 */
export const zeroPadded = (
  name: string,
  sizes: readonly number[],
  channels: number,
  padding: readonly [number, number][],
): KerasLayer[] => {
  if (!hasPadding(padding)) return []
  const wider = sizes.map((size, axis) => {
    const [before, after] = must(padding, axis)
    return size + before + after
  })
  const [one = [0, 0], two = [0, 0], three = [0, 0]] = padding
  if (sizes.length === 2) return [plainLayer('ZeroPadding2D', `${name}.padding`, { padding: [one, two] })]
  if (sizes.length === 1)
    return [
      reshaped(`${name}.asImage`, [...sizes, 1, channels]),
      plainLayer('ZeroPadding2D', `${name}.padding`, { padding: [one, [0, 0]] }),
      reshaped(`${name}.asSequence`, [...wider, channels]),
    ]
  const [, , width = 1] = sizes
  const [depth = 1, height = 1, widerWidth = 1] = wider
  return [
    reshaped(`${name}.asPlanes`, [...sizes.slice(0, 2), width * channels]),
    plainLayer('ZeroPadding2D', `${name}.padding`, { padding: [one, two] }),
    reshaped(`${name}.asRows`, [depth * height, width, channels]),
    plainLayer('ZeroPadding2D', `${name}.paddingOfRows`, { padding: [[0, 0], three] }),
    reshaped(`${name}.asVolume`, [depth, height, widerWidth, channels]),
  ]
}

const hasPadding = (padding: readonly [number, number][]): boolean => padding.some(([before, after]) => before > 0 || after > 0)
