/**
 * Largest values of windows, on plain arrays: for WebAssembly, whose kernel gives wrong gradients where a window's largest
 * value is not positive and is slower than this.
 */
import type { WindowGeometry } from '../../src/contracts/catalog/layers/layer-ops.ts'

/** One axis of a row-major array: cells before it, its own, and cells after it; and how the window slides along it. */
type Axis = { outer: number; size: number; inner: number; count: number; window: number; stride: number; before: number }

/** Where the better of two values lies: the larger, the first of equal ones, a NaN before all others. */
const better = (values: Float32Array, first: number, second: number): number => {
  const [a, b] = [values[first] ?? 0, values[second] ?? 0]
  return b > a || (Number.isNaN(b) && !Number.isNaN(a)) ? second : first
}

/** Reduces one axis: from the positions of candidates to those of each window's winner. */
const slideAlong = (
  values: Float32Array,
  candidates: Int32Array,
  { outer, size, inner, count, window, stride, before }: Axis,
): Int32Array => {
  const winners = new Int32Array(outer * count * inner)
  for (let block = 0; block < outer * count; block += 1) {
    const start = (block % count) * stride - before
    const [from, to] = [Math.max(start, 0), Math.min(start + window, size)]
    const source = Math.floor(block / count) * size * inner
    const target = block * inner
    winners.set(candidates.subarray(source + from * inner, source + (from + 1) * inner), target)
    for (let cell = source + (from + 1) * inner; cell < source + to * inner; cell += inner)
      for (let at = 0; at < inner; at += 1) winners[target + at] = better(values, winners[target + at] ?? 0, candidates[cell + at] ?? 0)
  }
  return winners
}

/**
 * For each output of images `[n, ...spatial, channels]` the position in `values` of its window's largest value. Axis by
 * axis, the last first, so that the first of equal values in row-major order wins, as in PyTorch.
 */
export const largestPositions = (
  values: Float32Array,
  shape: readonly number[],
  slid: readonly number[],
  { window, strides, padding }: WindowGeometry,
): Int32Array => {
  const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1)
  let positions: Int32Array = new Int32Array(values.length)
  for (let position = 1; position < positions.length; position += 1) positions[position] = position
  const sizes = [...shape]
  for (let axis = window.length; axis >= 1; axis -= 1) {
    positions = slideAlong(values, positions, {
      outer: product(sizes.slice(0, axis)),
      size: sizes[axis] ?? 1,
      inner: product(sizes.slice(axis + 1)),
      count: slid[axis - 1] ?? 1,
      window: window[axis - 1] ?? 1,
      stride: strides[axis - 1] ?? 1,
      before: padding[axis - 1]?.[0] ?? 0,
    })
    sizes[axis] = slid[axis - 1] ?? 1
  }
  return positions
}

/** Values at positions. */
export const pick = (values: Float32Array, positions: Int32Array): Float32Array => {
  const picked = new Float32Array(positions.length)
  for (let at = 0; at < positions.length; at += 1) picked[at] = values[positions[at] ?? 0] ?? 0
  return picked
}

/** Sums of changes by position. */
export const scatter = (changes: Float32Array, positions: Int32Array, size: number): Float32Array => {
  const sums = new Float32Array(size)
  for (let at = 0; at < positions.length; at += 1) {
    const position = positions[at] ?? 0
    sums[position] = (sums[position] ?? 0) + (changes[at] ?? 0)
  }
  return sums
}
