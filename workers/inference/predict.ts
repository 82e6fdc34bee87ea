/** Answers a request to predict: the trained model in evaluation mode. */

import { toJsonNumbers } from '../../src/api/numbers.ts'
import type { LayerOps } from '../../src/catalog/layers/layer-ops.ts'
import type { Tensors } from '../../src/catalog/ops.ts'
import type { PredictRequest, PredictResponse } from '../../src/contracts/inference.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { LearnedStatistics } from '../../src/contracts/training-state.ts'
import { prepareFeatures, restoreOutputs } from '../engine/preprocessing/prepare.ts'
import { forward } from '../engine/step/model.ts'
import { type Tf, unwrap } from '../engine/step/tape.ts'
import { toTensor } from '../engine/step/training-tensors.ts'
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

/** The model's output for each row, flat; a model of two inputs gives the outputs of both, one after the other. */
export const predict = (
  tf: Tf,
  ops: LayerOps,
  { plan, epoch, tensors, learned }: OpenModel,
  { features }: PredictRequest,
): PredictResponse =>
  tf.tidy(() => {
    // A cell that is missing travels as null.
    const groups = features.map((rows) => Float32Array.from(rows.flat(), (value) => value ?? Number.NaN))
    const prepared = prepareFeatures(plan, learned, groups)
    const outputs = features.map((rows, group) => {
      const input = tf.tensor(prepared[group] ?? new Float32Array(), [rows.length, ...plan.data.inputShape])
      const { output } = forward(ops, plan, { input, parameters: tensors, buffers: tensors, training: false })
      const outputs = unwrap(output).dataSync<'float32'>()
      const values = learned ? restoreOutputs(learned, outputs) : outputs
      const width = values.length / rows.length
      return rows.map((_, row) => toJsonNumbers(values.subarray(row * width, (row + 1) * width)))
    })
    const [first = []] = outputs
    return { epoch, predictions: first.map((_, row) => outputs.flatMap((output) => output[row] ?? [])) }
  })
