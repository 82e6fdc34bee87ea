/** A job's rows on the backend, and the mini-batches of an epoch. */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { Tensor } from '../../../src/contracts/catalog/ops.ts'
import type { TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { createStream } from '../../../src/numerics/random.ts'

type Tf = typeof TensorFlow

/** Rows as tensors: features `[rows, ...inputShape]` for each group, labels `[rows, ...labelShape]`. */
export type Rows = { rows: number; features: TensorFlow.Tensor[]; labels: TensorFlow.Tensor }

/** Some of the rows. */
export type Batch = { rows: number; features: Tensor[]; labels: Tensor }

export const loadRows = (tf: Tf, { data }: Plan, rows: Pick<TrainingData, 'rows' | 'features' | 'labels'>): Rows => ({
  rows: rows.rows,
  features: rows.features.map((values) => tf.tensor(values, [rows.rows, ...data.inputShape], 'float32')),
  labels: tf.tensor(rows.labels, [rows.rows, ...data.labelShape], 'float32'),
})

/** Consecutive rows. */
export const sliceRows = (tf: Tf, { features, labels }: Rows, from: number, count: number): Batch => {
  const slice = (x: TensorFlow.Tensor): Tensor =>
    tf.slice(
      x,
      x.shape.map((_, axis) => (axis === 0 ? from : 0)),
      [count, ...x.shape.slice(1)],
    )
  return { rows: count, features: features.map(slice), labels: slice(labels) }
}

/** The order in which an epoch, counting from 1, takes the rows; undefined for the stored order. */
export const epochOrder = ({ config, trainingRows }: Plan, epoch: number): Int32Array | undefined =>
  config.training.shuffle
    ? createStream({ seed: config.training.seed, purpose: 'shuffle', index: epoch }).permutation(trainingRows)
    : undefined

/** Mini-batch number `step`, from 0, of an epoch with this order. The tensors belong to the caller. */
export const batchOf = (tf: Tf, rows: Rows, batchSize: number, step: number, order: Int32Array | undefined): Batch => {
  const from = step * batchSize
  const count = Math.min(batchSize, rows.rows - from)
  if (!order) return sliceRows(tf, rows, from, count)
  return tf.tidy(() => {
    const positions = tf.tensor1d(order.subarray(from, from + count), 'int32')
    const pick = (x: TensorFlow.Tensor): TensorFlow.Tensor => tf.gather(x, positions)
    return { rows: count, features: rows.features.map(pick), labels: pick(rows.labels) }
  })
}
