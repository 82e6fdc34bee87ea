import { optimizerSlots } from '../../../catalog/optimizers/all-optimizers.ts'
import { rowsPerEvaluationBatch } from '../../../contracts/evaluation-batches.ts'
import type { Plan } from '../../../contracts/plan.ts'
import { sizeOf } from '../../../numerics/shape.ts'

const bytesPerValue = 4

/** What any job adds: its graph, buffers of the library. */
const ofAnyJob = 20 * 2 ** 20

/**
 * How often training holds a value at its peak: the table as it comes, on its way and in TensorFlow; weights with
 * gradients, as the loop carries, writes and reads them, and as products reorder them; optimizer slots likewise; outputs
 * of every layer for a mini-batch and for a batch of the evaluation, with what is computed from them. Fitted to what
 * native TensorFlow and WebAssembly held: docs/benchmarks.md.
 */
const copies = { data: 3, parameters: 11, slots: 6, batch: 3, evaluationBatch: 3.5 }

/** Bytes that training is expected to add to a process that is warm, at its peak, on the engine that needs most. */
export const estimateMemory = (plan: Omit<Plan, 'memoryBytes'>): number => {
  const { config, data, layers, parameterCount } = plan
  const given = data.featureColumns.flat().length + data.labelColumns.length
  // One-hot columns are many; what they come from is there as well.
  const prepared = data.transforms ? sizeOf(data.inputShape) * data.featureColumns.length : 0
  const columns = Math.max(given, prepared + data.labelColumns.length)
  const rows = data.rows + (data.validation?.rows ?? 0)
  const slots = Object.keys(optimizerSlots(config.optimizer)).length
  const outputs = layers.reduce((total, layer) => total + sizeOf(layer.outputShape), sizeOf(data.inputShape)) * data.featureColumns.length
  const batch = Math.min(config.training.batchSize, plan.trainingRows)
  const evaluationBatch = Math.min(rowsPerEvaluationBatch(plan), plan.trainingRows)
  return Math.round(
    ofAnyJob +
      bytesPerValue *
        (copies.data * rows * columns +
          parameterCount * (copies.parameters + copies.slots * slots) +
          outputs * (copies.batch * batch + copies.evaluationBatch * evaluationBatch)),
  )
}
