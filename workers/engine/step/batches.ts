/** A job's rows in memory, and the mini-batches of an epoch, which alone go to the backend. */

import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { Tensor } from '../../../src/catalog/ops.ts'
import type { TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { createStream } from '../../../src/numerics/random.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'

type Tf = typeof TensorFlow

/** A column of the table: `shape` is that of one row, `values` are row-major. */
type Column = { shape: readonly number[]; values: Float32Array }

/** A table: features for each group, labels. */
export type Rows = { rows: number; features: Column[]; labels: Column }

/** Some of the rows, as tensors `[rows, ...shape]`. */
export type Batch = { rows: number; features: Tensor[]; labels: Tensor }

export const tableOf = ({ data }: Plan, { rows, features, labels }: Pick<TrainingData, 'rows' | 'features' | 'labels'>): Rows => ({
  rows,
  features: features.map((values) => ({ shape: data.inputShape, values })),
  labels: { shape: data.labelShape, values: labels },
})

/** Consecutive rows. The tensors belong to the caller. */
export const sliceRows = (tf: Tf, table: Rows, from: number, count: number): Batch =>
  batch(table, count, ({ shape, values }) => {
    const perRow = sizeOf(shape)
    return tf.tensor(values.subarray(from * perRow, (from + count) * perRow), [count, ...shape], 'float32')
  })

/** Numbers of a row from which on copying it as a block is faster than one by one. */
const minOfBlock = 32

/** The order in which an epoch, counting from 1, takes the rows; undefined for the stored order. */
export const epochOrder = ({ config, trainingRows }: Plan, epoch: number): Int32Array | undefined =>
  config.training.shuffle
    ? createStream({ seed: config.training.seed, purpose: 'shuffle', index: epoch }).permutation(trainingRows)
    : undefined

/** Mini-batch number `step`, from 0, of an epoch with this order. The tensors belong to the caller. */
export const batchOf = (tf: Tf, table: Rows, batchSize: number, step: number, order: Int32Array | undefined): Batch => {
  const from = step * batchSize
  const count = Math.min(batchSize, table.rows - from)
  return order ? gatherRows(tf, table, order.subarray(from, from + count)) : sliceRows(tf, table, from, count)
}

/** Rows by position, picked here: WebAssembly's own gather takes longer than the step. The tensors belong to the caller. */
export const gatherRows = (tf: Tf, table: Rows, positions: Int32Array): Batch =>
  batch(table, positions.length, ({ shape, values }) => {
    const perRow = sizeOf(shape)
    const gathered = new Float32Array(positions.length * perRow)
    positions.forEach((position, row) => {
      copyRow(values, position * perRow, gathered, row * perRow, perRow)
    })
    return tf.tensor(gathered, [positions.length, ...shape], 'float32')
  })

const batch = ({ features, labels }: Rows, rows: number, toTensor: (column: Column) => Tensor): Batch => ({
  rows,
  features: features.map(toTensor),
  labels: toTensor(labels),
})

const copyRow = (from: Float32Array, source: number, to: Float32Array, target: number, count: number): void => {
  if (count >= minOfBlock) to.set(from.subarray(source, source + count), target)
  else for (let value = 0; value < count; value += 1) to[target + value] = from[source + value] as number
}
