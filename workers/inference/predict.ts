/** Answers a request to predict: the trained model in evaluation mode. */

import { toJsonNumber, toJsonNumbers } from '../../src/api/numbers.ts'
import type { LayerOps } from '../../src/catalog/layers/layer-ops.ts'
import { createMetrics } from '../../src/catalog/metrics.ts'
import type { Tensors } from '../../src/catalog/ops.ts'
import type { PredictRequest, PredictResponse } from '../../src/contracts/inference.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { LearnedStatistics } from '../../src/contracts/training-state.ts'
import { lastOf } from '../../src/numerics/must.ts'
import { withClassWeights } from '../engine/preprocessing/class-weights.ts'
import { prepareFeatures, prepareLabels, restoreOutputs } from '../engine/preprocessing/prepare.ts'
import { tableOf } from '../engine/step/batches.ts'
import { measureLoss } from '../engine/step/evaluation.ts'
import { forward } from '../engine/step/model.ts'
import { type Tf, unwrap } from '../engine/step/tape.ts'
import { toTensor } from '../engine/step/training-tensors.ts'
import { lossFactor } from '../engine/wrappers/reported-units.ts'
import type { Trained } from './protocol.ts'

/** A trained model that can be asked: parameters and running statistics of its checkpoint as tensors, which `disposeModel` gives back. */
export type OpenModel = { plan: Plan; epoch: number; tensors: Tensors; learned: LearnedStatistics | undefined; bytes: number }

export const openModel = (tf: Tf, { plan, state }: Trained): OpenModel => ({
  plan,
  epoch: state.epoch,
  tensors: Object.fromEntries(state.tensors.map((tensor) => [tensor.name, toTensor(tf, tensor)])),
  learned: state.training.preprocessing,
  bytes: state.tensors.reduce((sum, { values }) => sum + values.byteLength, 0),
})

export const disposeModel = (tf: Tf, { tensors }: OpenModel): void => tf.dispose(Object.values(tensors).map(unwrap))

/** The model's output for each row, flat; a model of two inputs gives the outputs of both, one after the other. With labels, the metrics too. */
export const predict = (tf: Tf, ops: LayerOps, model: OpenModel, { features, labels }: PredictRequest): PredictResponse =>
  tf.tidy(() => {
    const { plan, epoch, learned } = model
    // A cell that is missing travels as null.
    const groups = features.map((rows) => Float32Array.from(rows.flat(), (value) => value ?? Number.NaN))
    const prepared = prepareFeatures(plan, learned, groups)
    const rows = features[0]?.length ?? 0
    const raw = prepared.map((values) => outputsOf(tf, ops, model, values, rows))
    const outputs = raw.map((values) => {
      const restored = learned ? restoreOutputs(learned, values) : values
      const width = restored.length / rows
      return Array.from({ length: rows }, (_, row) => toJsonNumbers(restored.subarray(row * width, (row + 1) * width)))
    })
    const predictions = Array.from({ length: rows }, (_, row) => outputs.flatMap((output) => output[row] ?? []))
    if (!labels) return { epoch, predictions }
    const measured = measure(tf, ops, model, { rows, features: prepared, labels: Float32Array.from(labels.flat()) }, raw[0])
    return { epoch, predictions, metrics: measured }
  })

const outputsOf = (tf: Tf, ops: LayerOps, { plan, tensors }: OpenModel, values: Float32Array, rows: number): Float32Array => {
  const input = tf.tensor(values, [rows, ...plan.data.inputShape])
  const { output } = forward(ops, plan, { input, parameters: tensors, buffers: tensors, training: false })
  return unwrap(output).dataSync<'float32'>()
}

type Labelled = { rows: number; features: Float32Array[]; labels: Float32Array }

/** The loss and the job's metrics over rows whose features are prepared, as the epochs of the job tell them. */
const measure = (
  tf: Tf,
  ops: LayerOps,
  { plan, tensors, learned }: OpenModel,
  { rows, features, labels }: Labelled,
  outputs: Float32Array = new Float32Array(),
): PredictResponse['metrics'] => {
  const { config, outputShape } = plan
  const units = learned?.labels
  const targets = learned ? prepareLabels(plan, learned, labels) : labels
  const weighted = withClassWeights(plan, learned?.classWeights)
  const training = { parameters: tensors, buffers: tensors, slots: {} }
  const { loss } = measureLoss(tf, ops, weighted, training, tableOf(plan, { rows, features, labels: targets }))
  const metrics = createMetrics(config.metrics, { loss: config.loss, columns: lastOf(outputShape), ...(units ? { units } : {}) })
  metrics.add({ outputs, labels: targets })
  const told = { loss: loss * (lossFactor(plan, units ?? undefined) ?? 1), ...metrics.values() }
  return Object.fromEntries(Object.entries(told).map(([name, value]) => [name, toJsonNumber(value)]))
}
