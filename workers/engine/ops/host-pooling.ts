/**
 * Pooling on plain arrays, used if WebAssembly's and plain JavaScript's own is not PyTorch's: the gradient of the largest
 * value if that is not positive, NaN and infinities, averages of many terms.
 */

import type { WindowGeometry } from '../../../src/catalog/layers/layer-ops.ts'
import { lastOf, must } from '../../../src/numerics/must.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'

/** The largest value of each window, NaN if there is one. @returns `[n, ...slid, channels]` */
export const maxPoolValues = (
  images: Float32Array,
  shape: readonly number[],
  slid: readonly number[],
  geometry: WindowGeometry,
): Float32Array => {
  const channels = lastOf(shape)
  const perImage = sizeOf(shape.slice(1))
  const windows = cellsOfWindows(shape, slid, geometry).map((cells) => Int32Array.from(cells))
  const values = new Float32Array((images.length / perImage) * windows.length * channels)
  let output = 0
  for (let image = 0; image < images.length; image += perImage)
    for (const cells of windows)
      for (let channel = 0; channel < channels; channel += 1) {
        let largest = Number.NEGATIVE_INFINITY
        for (const cell of cells) largest = Math.max(largest, images[image + channel + cell] as number)
        values[output] = largest
        output += 1
      }
  return values
}

/** Averages of windows over `[n, height, width, channels]` without padding, summed in float64 along one axis and then the other. */
export const averagePoolValues = (
  images: Float32Array,
  [rows = 1, height = 1, width = 1, channels = 1]: readonly number[],
  { window: [tall = 1, wide = 1], strides: [down = 1, right = 1] }: Pick<WindowGeometry, 'window' | 'strides'>,
): Float32Array => {
  const across = slidingSums(images, { outer: rows * height, size: width, inner: channels }, { count: wide, stride: right })
  const perRow = across.length / (rows * height)
  const sums = slidingSums(across, { outer: rows, size: height, inner: perRow }, { count: tall, stride: down })
  // Rounded before, so that a sum beyond float32 is ∞.
  return Float32Array.from(sums, (sum) => Math.fround(sum) / (tall * wide))
}

/**
 * What changes of the outputs mean for images `[n, ...spatial, channels]`: each goes to its window's largest value, to
 * the first of equal ones in row-major order, as in PyTorch.
 * @param outputs `[n, ...slid, channels]`, as are `changes`
 */
export const maxPoolGradient = (
  { images, outputs, changes }: Record<'images' | 'outputs' | 'changes', Float32Array>,
  shape: readonly number[],
  slid: readonly number[],
  geometry: WindowGeometry,
): Float32Array => {
  const channels = lastOf(shape)
  const perImage = sizeOf(shape.slice(1))
  const windows = cellsOfWindows(shape, slid, geometry).map((cells) => Int32Array.from(cells))
  const sums = new Float32Array(images.length)
  let output = 0
  for (let image = 0; image < images.length; image += perImage)
    for (const cells of windows)
      for (let channel = 0; channel < channels; channel += 1) {
        const cell = cellOf(images, image + channel, cells, outputs[output] as number)
        sums[cell] = (sums[cell] as number) + (changes[output] as number)
        output += 1
      }
  return sums
}

/** For each output along one axis the offsets of its window's cells, those in the padding left out; cells are `apart` numbers apart. */
const cellsAlong = (axis: number, shape: readonly number[], count: number, { window, strides, padding }: WindowGeometry): number[][] => {
  const [size = 1, apart] = [shape[axis + 1], sizeOf(shape.slice(axis + 2))]
  return Array.from({ length: count }, (_, output) => {
    const start = output * must(strides, axis) - must(padding, axis)[0]
    const [from, to] = [Math.max(start, 0), Math.min(start + must(window, axis), size)]
    return Array.from({ length: to - from }, (_, cell) => (from + cell) * apart)
  })
}

/** For each output of one image the offsets of its window's cells, in row-major order. */
const cellsOfWindows = (shape: readonly number[], slid: readonly number[], geometry: WindowGeometry): number[][] =>
  slid.reduce<number[][]>(
    (outputs, count, axis) => {
      const along = cellsAlong(axis, shape, count, geometry)
      return outputs.flatMap((cells) => along.map((steps) => cells.flatMap((cell) => steps.map((step) => cell + step))))
    },
    [[0]],
  )

/** The first cell that holds `largest`; if that is not a number, the last that is none either. */
const cellOf = (images: Float32Array, origin: number, cells: Int32Array, largest: number): number => {
  if (Number.isNaN(largest)) return origin + (cells.findLast((cell) => Number.isNaN(images[origin + cell])) ?? 0)
  for (let at = 0; at < cells.length; at += 1) {
    const cell = origin + (cells[at] as number)
    if (images[cell] === largest) return cell
  }
  return origin
}

/** Sums of `count` cells along the first of two axes, every `stride`-th of them, in float64: `[outer, size, inner]` to `[outer, sums, inner]`. */
const slidingSums = (
  values: Float32Array | Float64Array,
  { outer, size, inner }: Record<'outer' | 'size' | 'inner', number>,
  { count, stride }: Record<'count' | 'stride', number>,
): Float64Array => {
  const places = Math.floor((size - count) / stride) + 1
  const sums = new Float64Array(outer * places * inner)
  for (let block = 0; block < outer; block += 1)
    for (let place = 0; place < places; place += 1) {
      const into = (block * places + place) * inner
      for (let cell = 0; cell < count; cell += 1) {
        const from = (block * size + place * stride + cell) * inner
        for (let at = 0; at < inner; at += 1) sums[into + at] = (sums[into + at] as number) + (values[from + at] as number)
      }
    }
  return sums
}
