/** Answers a request to predict: the trained model in evaluation mode. */

import { toJsonNumbers } from '../../src/api/numbers.ts'
import type { LayerOps } from '../../src/catalog/layers/layer-ops.ts'
import type { Tensors } from '../../src/catalog/ops.ts'
import type { PredictRequest, PredictResponse } from '../../src/contracts/inference.ts'
import { prepareFeatures, restoreOutputs } from '../engine/preprocessing/prepare.ts'
import { forward } from '../engine/step/model.ts'
import { type Tf, unwrap } from '../engine/step/tape.ts'
import { toTensor } from '../engine/step/training-tensors.ts'
import type { Trained } from './protocol.ts'

/**
 * The model's output for each row, flat; a model of two inputs gives the outputs of both, one after the other.
 * Parameters and running statistics are those of the checkpoint.
 */
export const predict = (tf: Tf, ops: LayerOps, { plan, state }: Trained, { features }: PredictRequest): PredictResponse =>
  tf.tidy(() => {
    const tensors: Tensors = Object.fromEntries(state.tensors.map((tensor) => [tensor.name, toTensor(tf, tensor)]))
    const learned = state.training.preprocessing
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
    return { epoch: state.epoch, predictions: first.map((_, row) => outputs.flatMap((output) => output[row] ?? [])) }
  })
