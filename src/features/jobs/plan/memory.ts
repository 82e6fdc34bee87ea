import { sizeOf } from '../../../contracts/catalog/layers/layer.ts'
import { optimizerSlots } from '../../../contracts/catalog/optimizers.ts'
import type { Plan } from '../../../contracts/plan.ts'

const bytesPerValue = 4

/**
 * Bytes that training is expected to hold: the data twice, as it comes and on the backend; weights with gradients,
 * slots and a copy that an update writes; outputs of every layer with their gradients for one mini-batch.
 */
export const estimateMemory = (plan: Omit<Plan, 'memoryBytes'>): number => {
  const { config, data, layers, parameterCount } = plan
  const columns = data.featureColumns.flat().length + data.labelColumns.length
  const slots = Object.keys(optimizerSlots(config.optimizer)).length
  const outputs = layers.reduce((total, layer) => total + sizeOf(layer.outputShape), sizeOf(data.inputShape))
  const batch = Math.min(config.training.batchSize, plan.trainingRows)
  return (
    bytesPerValue *
    (2 * (data.rows + (data.validation?.rows ?? 0)) * columns +
      parameterCount * (3 + 2 * slots) +
      3 * batch * outputs * data.featureColumns.length)
  )
}
