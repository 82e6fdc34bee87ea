import { createStream, type RandomStream } from '../../../numerics/random.ts'

/** The independent streams of a synthetic table: its features, its noise, the order of its rows, and its labels or centers. */
export type DataStreams = { features: RandomStream; noise: RandomStream; order: RandomStream; extra: RandomStream }

/** The streams of a seed. A row takes its numbers from fixed places of them, so that any range of rows can be made alone. */
export const dataStreams = (seed: number): DataStreams => {
  const stream = (index: number) => createStream({ seed, purpose: 'data', index })
  return { features: stream(0), noise: stream(1), order: stream(2), extra: stream(3) }
}

/** `count` numbers uniform between low and high, from place `from` of the stream on. */
export const uniformsBetween = (stream: RandomStream, low: number, high: number, count: number, from: number): Float64Array =>
  stream.uniforms(count, from).map((uniform) => low + (high - low) * uniform)

/** A shuffled order of n rows, made when first asked for. */
export const shuffledOrder = (stream: RandomStream, n: number): (() => Int32Array) => {
  let order: Int32Array | undefined
  return () => {
    order ??= stream.permutation(n)
    return order
  }
}
