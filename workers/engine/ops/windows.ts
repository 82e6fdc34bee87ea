/**
 * Sliding windows made of slices, reshapes and concatenations alone: their gradients are right on every backend, even if
 * the ready-made kernels of WebAssembly are missing or wrong.
 */

import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { WindowGeometry } from '../../../src/catalog/layers/layer-ops.ts'
import { lastOf, must } from '../../../src/numerics/must.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'

type Tf = typeof TensorFlow
type Tensor = TensorFlow.Tensor

/** Spatial sizes after the window has slid over images of shape `[n, ...spatial, channels]`. */
export const slid = (shape: readonly number[], { window, strides, padding, dilation }: WindowGeometry): number[] =>
  window.map((size, axis) => {
    const [before, after] = must(padding, axis)
    const reach = (size - 1) * must(dilation, axis) + 1
    return Math.floor((must(shape, axis + 1) + before + after - reach) / must(strides, axis)) + 1
  })

/** One spatial axis as two, the first of size 1. */
export const widened = (geometry: WindowGeometry): WindowGeometry => ({
  window: [1, ...geometry.window],
  strides: [1, ...geometry.strides],
  padding: [[0, 0], ...geometry.padding],
  dilation: [1, ...geometry.dilation],
})

/** A window over volumes as one along their depth, padded on all sides, and one within the planes that it gives. */
export const byDepth = (geometry: WindowGeometry): { alongDepth: WindowGeometry; inPlane: WindowGeometry } => {
  const [depths = 1, ...window] = geometry.window
  const [stride = 1, ...strides] = geometry.strides
  const none: [number, number] = [0, 0]
  return {
    alongDepth: { ...geometry, window: [depths, 1, 1], strides: [stride, 1, 1] },
    inPlane: { window, strides, padding: [none, none], dilation: [1, 1] },
  }
}

export const pair = (values: number[]): [number, number] => [values[0] ?? 1, values[1] ?? 1]
export const triple = (values: number[]): [number, number, number] => [values[0] ?? 1, values[1] ?? 1, values[2] ?? 1]

/** Images with the geometry's padding, filled with `value`. */
export const padded = (tf: Tf, images: Tensor, { padding }: WindowGeometry, value = 0): Tensor =>
  padding.every(([before, after]) => before === 0 && after === 0) ? images : tf.pad(images, [[0, 0], ...padding, [0, 0]], value)

/** Along axes where the window has one place alone: just what it sees there, and no stride. The geometry has no padding. */
export const withoutIdleStrides = (tf: Tf, images: Tensor, geometry: WindowGeometry): { images: Tensor; geometry: WindowGeometry } => {
  const { window, strides } = geometry
  const idle = slid(images.shape, geometry).map((count, axis) => count === 1 && must(strides, axis) > 1)
  if (!idle.includes(true)) return { images, geometry }
  const [rows = 1, ...sizes] = images.shape
  const extent = [rows, ...sizes.map((size, axis) => (idle[axis] ? (window[axis] ?? size) : size))]
  const kept = strides.map((stride, axis) => (idle[axis] ? 1 : stride))
  return { images: tf.slice(images, new Array<number>(extent.length).fill(0), extent), geometry: { ...geometry, strides: kept } }
}

/**
 * What each cell of the window sees as it slides: one tensor `[n, ...slid, channels]` per cell, cells in row-major
 * order. Cells beyond the edges hold `value`.
 */
export const windowCells = (tf: Tf, images: Tensor, geometry: WindowGeometry, value = 0): Tensor[] => {
  const { window, strides, dilation } = geometry
  const counts = slid(images.shape, geometry)
  // Strided slices read whole strides, so the far edge may need cells that no window sees.
  const room = window.map((size, axis): [number, number] => {
    const [before, after] = geometry.padding[axis] ?? [0, 0]
    const needed = (size - 1) * must(dilation, axis) + must(counts, axis) * must(strides, axis)
    return [before, Math.max(after, needed - must(images.shape, axis + 1) - before)]
  })
  const source = padded(tf, images, { ...geometry, padding: room }, value)
  return cellsOf(window).map((cell) =>
    cell.reduce((x, at, axis) => strided(tf, x, axis + 1, at * must(dilation, axis), must(strides, axis), must(counts, axis)), source),
  )
}

/** Windows as rows: `[n * positions, cells * channels]`, channels fastest. */
export const windowRows = (tf: Tf, images: Tensor, geometry: WindowGeometry): TensorFlow.Tensor2D => {
  const cells = windowCells(tf, images, geometry)
  const seen = cells.length === 1 ? must(cells, 0) : tf.concat(cells, images.rank - 1)
  return tf.reshape(seen, [-1, lastOf(seen.shape)])
}

/** Every `stride`-th cell of an axis: `count` cells from `offset` on. The axis reaches to `offset + count * stride`. */
const strided = (tf: Tf, x: Tensor, axis: number, offset: number, stride: number, count: number): Tensor => {
  const begin = x.shape.map((_, other) => (other === axis ? offset : 0))
  const run = x.shape.map((size, other) => (other === axis ? count * stride : size))
  const cells = tf.slice(x, begin, run)
  if (stride === 1) return cells
  const outer = sizeOf(x.shape.slice(0, axis))
  const inner = sizeOf(x.shape.slice(axis + 1))
  const firsts = tf.slice(tf.reshape(cells, [outer, count, stride, inner]), [0, 0, 0, 0], [outer, count, 1, inner])
  return tf.reshape(
    firsts,
    x.shape.map((size, other) => (other === axis ? count : size)),
  )
}

/** All positions inside a window, the last axis fastest. */
const cellsOf = (window: readonly number[]): number[][] =>
  window.reduce<number[][]>((cells, size) => cells.flatMap((cell) => Array.from({ length: size }, (_, at) => [...cell, at])), [[]])
