import { maxTrainerCells } from '../../api/trainer.schema.ts'
import { trainerLimits } from '../../api/trainer-limits.ts'
import { optimizerSlots } from '../../catalog/optimizers/all-optimizers.ts'
import type { ValidationError } from '../../contracts/error-codes.ts'
import type { Plan } from '../../contracts/plan.ts'
import { sizeOf } from '../../numerics/shape.ts'

/** A trainer is held in memory, and kept as one value: both have their limits. */
export const sizeErrors = ({ config, data, parameterCount, layers, trainingRows }: Plan): ValidationError[] => {
  const slots = Object.keys(optimizerSlots(config.optimizer)).length
  const buffers = layers.flatMap((layer) => layer.buffers).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const state = parameterCount * (2 + slots) + buffers
  const cells = trainingRows * (sizeOf(data.inputShape) * data.featureColumns.length + sizeOf(data.labelShape))
  return [
    ...(state > trainerLimits.state
      ? [
          {
            path: '/model/layers',
            code: 'too_large',
            message: `parameters, gradients and optimizer slots are ${state} numbers together; a trainer has at most ${trainerLimits.state}`,
          },
        ]
      : []),
    ...(cells > maxTrainerCells
      ? [{ path: '/dataset', code: 'too_large', message: `has ${cells} cells; a trainer holds at most ${maxTrainerCells}` }]
      : []),
  ]
}
