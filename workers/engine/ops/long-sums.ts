/** Sums over some axes of a flat array, in float64: float32 loses digits with every term, all of them equal ones above all. */
import { sizeOf } from '../../../src/numerics/shape.ts'

/** A run of axes to sum over, between those before and those after it. */
export type SumGeometry = { outer: number; length: number; inner: number }

/** If the axes lie next to each other, axes of size 1 aside: what lies before, in and after them; else undefined. */
export const sumGeometry = (shape: readonly number[], axes: readonly number[]): SumGeometry | undefined => {
  const wide = axes.filter((axis) => shape[axis] !== 1)
  if (wide.length === 0) return { outer: sizeOf(shape), length: 1, inner: 1 }
  const [first, last] = [Math.min(...wide), Math.max(...wide)]
  const between = shape.slice(first, last + 1)
  if (between.some((size, at) => size !== 1 && !wide.includes(first + at))) return undefined
  return { outer: sizeOf(shape.slice(0, first)), length: sizeOf(between), inner: sizeOf(shape.slice(last + 1)) }
}

/** Sums `[outer, length, inner]` over the middle into `into`, `[outer, inner]`, each multiplied with `factor`. */
export const sumInto = (into: Float32Array, values: Float32Array, { outer, length, inner }: SumGeometry, factor: number): void => {
  if (inner === 1) {
    for (let at = 0; at < outer; at += 1) into[at] = sumOfRun(values, at * length, length) * factor
    return
  }
  const sums = new Float64Array(inner)
  for (let block = 0; block < outer; block += 1) {
    sums.fill(0)
    for (let row = 0, from = block * length * inner; row < length; row += 1, from += inner)
      for (let at = 0; at < inner; at += 1) sums[at] = (sums[at] as number) + (values[from + at] as number)
    for (let at = 0; at < inner; at += 1) into[block * inner + at] = (sums[at] as number) * factor
  }
}

/** Sum of squares, in float64. */
export const squaredNorm = (values: Float32Array): number => {
  let total = 0
  for (let at = 0; at < values.length; at += 1) total += (values[at] as number) ** 2
  return total
}

/** Sum of `count` values from `from` on. Four running sums: a processor adds them side by side. */
const sumOfRun = (values: Float32Array, from: number, count: number): number => {
  let [a, b, c, d] = [0, 0, 0, 0]
  const end = from + count
  let at = from
  for (; at + 3 < end; at += 4) {
    a += values[at] as number
    b += values[at + 1] as number
    c += values[at + 2] as number
    d += values[at + 3] as number
  }
  for (; at < end; at += 1) a += values[at] as number
  return a + b + (c + d)
}
