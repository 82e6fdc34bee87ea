/**
 * Products of matrices over a long shared axis, in slices that are added up in float64: WebAssembly and plain JavaScript
 * add term after term in float32, and lose digits with each.
 */

import type * as TensorFlow from '@tensorflow/tfjs-core'
import { lastOf } from '../../../src/numerics/must.ts'

type Tf = typeof TensorFlow
type Info = TensorFlow.TensorInfo

/** Length of a shared axis from which on it is cut, and of a slice. */
const longest = 2048
const sliceSize = 1024

/** What of a backend that keeps tensors in this process's memory is used here. */
type Memory = {
  readSync: (dataId: TensorFlow.DataId) => Float32Array
  write: (values: Float32Array, shape: number[], dtype: 'float32') => TensorFlow.DataId
  disposeData: (dataId: TensorFlow.DataId) => boolean
}

type Sides = { transposeA: boolean; transposeB: boolean }

/** `axes` counts those of size 1 before the last two too. */
type Matrix = { values: Float32Array; rows: number; columns: number; axes: number }
type Pair = { a: Matrix; b: Matrix }

const wrapped = new WeakSet<TensorFlow.KernelFunc>()

/** Puts it in place of a backend's own product, once. */
export const cutLongProducts = (tf: Tf, backendName: 'wasm' | 'cpu'): void => {
  const own = tf.getKernel('BatchMatMul', backendName)
  if (wrapped.has(own.kernelFunc)) return

  /** The product of the slices that lie at `from`. */
  const productOfSlices = (
    backend: Memory,
    { a, b }: Pair,
    { transposeA, transposeB }: Sides,
    from: number,
    count: number,
  ): Float32Array => {
    const inputs = {
      a: toInfo(backend, cut(a, transposeA ? 'rows' : 'columns', from, count)),
      b: toInfo(backend, cut(b, transposeB ? 'columns' : 'rows', from, count)),
    }
    const product = own.kernelFunc({ inputs, backend, attrs: { transposeA, transposeB } }) as Info
    // A copy: the backend may take the memory for something else.
    const values = Float32Array.from(backend.readSync(product.dataId))
    for (const { dataId } of [product, inputs.a, inputs.b]) backend.disposeData(dataId)
    return values
  }

  const multiply = (backend: Memory, pair: Pair, sides: Sides, length: number): Matrix => {
    const rows = sides.transposeA ? pair.a.columns : pair.a.rows
    const columns = sides.transposeB ? pair.b.rows : pair.b.columns
    const sums = new Float64Array(rows * columns)
    for (let from = 0; from < length; from += sliceSize) {
      const values = productOfSlices(backend, pair, sides, from, Math.min(sliceSize, length - from))
      for (let at = 0; at < values.length; at += 1) sums[at] = (sums[at] as number) + (values[at] as number)
    }
    return { values: Float32Array.from(sums), rows, columns, axes: Math.max(pair.a.axes, pair.b.axes) }
  }

  const kernelFunc: TensorFlow.KernelFunc = (call) => {
    const { a, b } = call.inputs as { a: Info; b: Info }
    const sides = call.attrs as unknown as Sides
    const length = a.shape.at(sides.transposeA ? -2 : -1) ?? 0
    if (length <= longest || !isMatrix(a) || !isMatrix(b)) return own.kernelFunc(call)
    const backend = call.backend as Memory
    return toInfo(backend, multiply(backend, { a: toMatrix(backend, a), b: toMatrix(backend, b) }, sides, length))
  }
  wrapped.add(kernelFunc)
  tf.unregisterKernel('BatchMatMul', backendName)
  tf.registerKernel({ ...own, kernelFunc })
}

const isMatrix = ({ shape }: Info): boolean => shape.slice(0, -2).every((size) => size === 1)

/** Some of a matrix's rows, or of its columns. */
const cut = ({ values, rows, columns, axes }: Matrix, along: 'rows' | 'columns', from: number, count: number): Matrix => {
  if (along === 'rows') return { values: values.subarray(from * columns, (from + count) * columns), rows: count, columns, axes }
  const slice = new Float32Array(rows * count)
  for (let row = 0; row < rows; row += 1) slice.set(values.subarray(row * columns + from, row * columns + from + count), row * count)
  return { values: slice, rows, columns: count, axes }
}

const toMatrix = (backend: Memory, { dataId, shape }: Info): Matrix => ({
  values: backend.readSync(dataId),
  rows: shape.at(-2) ?? 1,
  columns: lastOf(shape),
  axes: shape.length,
})

const toInfo = (backend: Memory, { values, rows, columns, axes }: Matrix): Info => {
  const shape = [...new Array<number>(axes - 2).fill(1), rows, columns]
  return { dataId: backend.write(values, shape, 'float32'), shape, dtype: 'float32' }
}
