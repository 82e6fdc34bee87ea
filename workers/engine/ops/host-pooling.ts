/**
 * The gradient of max-pooling on plain arrays: for WebAssembly, whose own is wrong where a window's largest value is not
 * positive.
 */
import type { WindowGeometry } from '../../../src/catalog/layers/layer-ops.ts'

const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1)

/** For each output along one axis the offsets of its window's cells, those in the padding left out; cells are `apart` numbers apart. */
const cellsAlong = (axis: number, shape: readonly number[], count: number, { window, strides, padding }: WindowGeometry): number[][] => {
  const [size = 1, apart] = [shape[axis + 1], product(shape.slice(axis + 2))]
  return Array.from({ length: count }, (_, output) => {
    const start = output * (strides[axis] ?? 1) - (padding[axis]?.[0] ?? 0)
    const [from, to] = [Math.max(start, 0), Math.min(start + (window[axis] ?? 1), size)]
    return Array.from({ length: to - from }, (_, cell) => (from + cell) * apart)
  })
}

/** For each output of one image the offsets of its window's cells, in row-major order. */
const windowCells = (shape: readonly number[], slid: readonly number[], geometry: WindowGeometry): number[][] =>
  slid.reduce<number[][]>(
    (outputs, count, axis) => {
      const along = cellsAlong(axis, shape, count, geometry)
      return outputs.flatMap((cells) => along.map((steps) => cells.flatMap((cell) => steps.map((step) => cell + step))))
    },
    [[0]],
  )

/** The first cell that holds `largest`; where that is not a number, the first that is none either. */
const cellOf = (images: Float32Array, origin: number, cells: Int32Array, largest: number): number => {
  for (let at = 0; at < cells.length; at += 1) {
    const cell = origin + (cells[at] as number)
    if (images[cell] === largest) return cell
  }
  return origin + (cells.find((cell) => Number.isNaN(images[origin + cell])) ?? 0)
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
  const channels = shape.at(-1) ?? 1
  const perImage = product(shape.slice(1))
  const windows = windowCells(shape, slid, geometry).map((cells) => Int32Array.from(cells))
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
