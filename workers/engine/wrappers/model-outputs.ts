/** A model's outputs over a table, a batch at a time. */
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import type { NamedTensor, TrainingData } from '../../../src/contracts/engine.ts'
import { rowsPerEvaluationBatch } from '../../../src/contracts/evaluation-batches.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import { outputsOf } from '../step/evaluation.ts'
import { type Tf, unwrap } from '../step/tape.ts'
import { toTensor } from '../step/training-tensors.ts'

export type Rows = Pick<TrainingData, 'rows' | 'features' | 'labels'>

/** Calls back with the outputs, and the labels, of some rows after others, of a model with these weights and running statistics. */
export const eachOutputs = (
  { tf, ops }: { tf: Tf; ops: LayerOps },
  plan: Plan,
  weights: readonly NamedTensor[],
  { rows, features, labels }: Rows,
  each: (some: { outputs: Float32Array; labels: Float32Array }) => void,
): void => {
  const { data } = plan
  const [width, labelWidth] = [sizeOf(data.inputShape), sizeOf(data.labelShape)]
  const size = rowsPerEvaluationBatch(plan)
  tf.tidy(() => {
    const tensors = Object.fromEntries(weights.map((tensor) => [tensor.name, toTensor(tf, tensor)]))
    for (let from = 0; from < rows; from += size) {
      const to = Math.min(from + size, rows)
      tf.tidy(() => {
        const inputs = features.map((values) => tf.tensor(values.subarray(from * width, to * width), [to - from, ...data.inputShape]))
        const [output] = outputsOf(ops, plan, { parameters: tensors, buffers: tensors }, inputs)
        if (output) each({ outputs: unwrap(output).dataSync<'float32'>(), labels: labels.subarray(from * labelWidth, to * labelWidth) })
      })
    }
  })
}
