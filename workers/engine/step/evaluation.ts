/** Loss over many rows in evaluation mode, in batches that fit into memory. */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { trainingLossTotals } from '../../../src/catalog/losses/all-losses.ts'
import type { Operand, Tensor } from '../../../src/catalog/ops.ts'
import { rowsPerEvaluationBatch } from '../../../src/contracts/evaluation-batches.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { type Rows, sliceRows } from './batches.ts'
import { type MeasuredLoss, measuredLoss } from './counted.ts'
import { forward } from './model.ts'
import type { TrainingTensors } from './step.ts'

/** Outputs of the model for each group of features. */
export const outputsOf = (
  ops: LayerOps,
  plan: Plan,
  { parameters, buffers }: Omit<TrainingTensors, 'slots'>,
  features: Tensor[],
): Tensor[] => features.map((input) => forward(ops, plan, { input, parameters, buffers, training: false }).output)

/** Keeps a sum of finite weights finite. */
const farFromOverflow = 1e-30

/**
 * A number that is finite only if all weights are. The loss alone does not tell: max-pooling takes NaN for the smallest
 * number there is, oneDNN's convolution with ReLU for zero, WebAssembly's pooling for -Infinity.
 */
export const weightsCheck = (ops: LayerOps, { parameters }: Pick<TrainingTensors, 'parameters'>): Tensor =>
  Object.values(parameters)
    .map((parameter) => ops.sum(ops.mul(parameter, farFromOverflow)))
    .reduce((sum, each) => ops.add(sum, each), ops.scalar(0))

/**
 * The configured loss over all rows: as one call over all of them would give it, even if divisors differ by batch. NaN
 * if a weight is no longer finite, and if no row counts.
 */
export const measureLoss = (tf: typeof TensorFlow, ops: LayerOps, plan: Plan, tensors: TrainingTensors, rows: Rows): MeasuredLoss => {
  const { loss } = plan.config
  const size = rowsPerEvaluationBatch(plan)
  if (!tf.tidy(() => Number.isFinite(toNumber(weightsCheck(ops, tensors))))) return { loss: Number.NaN, counted: true }
  let total = 0
  let divisor = 0
  for (let from = 0; from < rows.rows; from += size) {
    tf.tidy(() => {
      const batch = sliceRows(tf, rows, from, Math.min(size, rows.rows - from))
      const part = trainingLossTotals(ops, loss, outputsOf(ops, plan, tensors, batch.features), batch.labels)
      total += toNumber(part.total)
      divisor += toNumber(part.divisor)
    })
  }
  return measuredLoss(plan, total, divisor)
}

/** A number that may still be on the backend. */
export const toNumber = (value: Operand): number =>
  typeof value === 'number' ? value : ((value as TensorFlow.Tensor).dataSync()[0] ?? Number.NaN)
