/** The arithmetic of sliding windows: how sizes, strides and padding make an output's shape. */
import { must } from '../../numerics/must.ts'
import { describeShape } from '../../numerics/shape.ts'
import type { LayerError } from './layer.ts'
import type { WindowGeometry } from './layer-ops.ts'

/** A layer's window as its config has it: one number for all axes or one per axis. */
export type WindowOptions = {
  window: number | number[]
  strides: number | number[]
  padding: number | number[] | 'valid' | 'same'
  dilation?: number | number[]
}

/** Resolves a window against spatial sizes. */
export const geometryOf = (options: WindowOptions, sizes: readonly number[]): WindowGeometry => {
  const axes = sizes.length
  const window = spread(options.window, axes)
  const strides = spread(options.strides, axes)
  const dilation = spread(options.dilation ?? 1, axes)
  const padding = sizes.map((size, axis): [number, number] => {
    if (options.padding === 'valid') return [0, 0]
    if (options.padding === 'same') return samePadding(size, must(window, axis), must(strides, axis), must(dilation, axis))
    const cells = must(spread(options.padding, axes), axis)
    return [cells, cells]
  })
  return { window, strides, padding, dilation }
}

/** Spatial sizes after the window has slid over `sizes`; below 1 if it does not fit. */
export const slidSizes = ({ window, strides, padding, dilation }: WindowGeometry, sizes: readonly number[]): number[] =>
  sizes.map((size, axis) => {
    const [before, after] = must(padding, axis)
    return Math.floor((size + before + after - reach(must(window, axis), must(dilation, axis))) / must(strides, axis)) + 1
  })

const axisNames = ['', '[length, channels]', '[height, width, channels]', '[depth, height, width, channels]']

/** The validation error of an input that is not an image of so many spatial axes, or that is smaller than the window. */
export const windowError = (
  axes: number,
  inputShape: readonly number[],
  geometry: (sizes: number[]) => WindowGeometry,
): LayerError | undefined => {
  if (inputShape.length !== axes + 1)
    return {
      expected: `an input of shape ${axisNames[axes]} (the dataset's inputShape, or a reshape layer, says so)`,
      got: describeShape(inputShape),
    }
  const sizes = inputShape.slice(0, -1)
  const resolved = geometry(sizes)
  if (slidSizes(resolved, sizes).every((size) => size >= 1)) return undefined
  return { expected: `an input at least as large as the window ${describeShape(resolved.window)}`, got: describeShape(inputShape) }
}

const spread = (value: number | number[], axes: number): number[] =>
  typeof value === 'number' ? new Array<number>(axes).fill(value) : value

const reach = (window: number, dilation: number): number => (window - 1) * dilation + 1

/** TensorFlow's rule for 'same', which is PyTorch's if the stride is 1. */
const samePadding = (size: number, window: number, stride: number, dilation: number): [number, number] => {
  const missing = Math.max((Math.ceil(size / stride) - 1) * stride + reach(window, dilation) - size, 0)
  return [Math.floor(missing / 2), Math.ceil(missing / 2)]
}
