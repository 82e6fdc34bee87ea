import { must, present } from '../../../numerics/must.ts'
import { sizeOf } from '../../../numerics/shape.ts'

/** Reorders the axes of a row-major tensor: axis `i` of the result is axis `axes[i]` of the input, as numpy.transpose has it. */
export const transpose = (values: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array => {
  const strides = stridesOf(shape)
  const sizes = axes.map((axis) => present(shape[axis]))
  const steps = axes.map((axis) => must(strides, axis))
  const index = new Array<number>(axes.length).fill(0)
  const moved = new Float32Array(values.length)
  let from = 0
  for (let to = 0; to < moved.length; to += 1) {
    moved[to] = present(values[from])
    // Counts up like an odometer, the last axis fastest.
    for (let axis = axes.length - 1; axis >= 0; axis -= 1) {
      const size = present(sizes[axis])
      const step = present(steps[axis])
      index[axis] = present(index[axis]) + 1
      from += step
      if (present(index[axis]) < size) break
      from -= step * size
      index[axis] = 0
    }
  }
  return moved
}

/** Row-major steps between neighbours along each axis. */
const stridesOf = (shape: readonly number[]): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
