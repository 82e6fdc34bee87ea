import type * as TensorFlow from '@tensorflow/tfjs-core'
import { lastOf, must, present } from '../../../src/numerics/must.ts'

type Tf = typeof TensorFlow
type Tensor = TensorFlow.Tensor

/**
 * Rows of a table by index. WebAssembly lacks the gradient's kernel, and plain JavaScript's scans the whole table once
 * per row; both keep tensors in this process's memory, so their sums are made here.
 */
export const createLookUp = (tf: Tf, backend: 'tensorflow' | 'wasm' | 'cpu') => {
  const gather = (table: Tensor, flat: Tensor): Tensor => tf.gather(table, flat as TensorFlow.Tensor1D)

  const gatherWithHostGradient = (table: Tensor, flat: Tensor): Tensor =>
    tf.customGrad((x, save) => {
      ;(save as TensorFlow.GradSaveFunc)([flat])
      const rows = (x as Tensor).shape[0] ?? 0
      return {
        value: gather(x as Tensor, flat),
        gradFunc: (upstream: Tensor, saved: Tensor[]) => scatterOnHost(tf, upstream, must(saved, 0), rows),
      }
    })(table)

  return (table: Tensor, indices: Tensor): Tensor => {
    const flat = tf.cast(tf.reshape(indices, [-1]), 'int32')
    const rows = backend === 'tensorflow' ? gather(table, flat) : gatherWithHostGradient(table, flat)
    return tf.reshape(rows, [...indices.shape, must(table.shape, 1)])
  }
}

/** Sums of rows by index, in the order in which they come: `[n, units]` → `[rows, units]`. */
const scatterOnHost = (tf: Tf, changes: Tensor, indices: Tensor, rows: number): Tensor => {
  const units = lastOf(changes.shape)
  const sums = new Float64Array(rows * units)
  const values = changes.dataSync()
  const targets = indices.dataSync()
  for (let row = 0; row < targets.length; row += 1) {
    const to = present(targets[row]) * units
    for (let unit = 0; unit < units; unit += 1) sums[to + unit] = present(sums[to + unit]) + present(values[row * units + unit])
  }
  return tf.tensor(Float32Array.from(sums), [rows, units])
}
