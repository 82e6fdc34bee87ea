import { Type } from 'typebox'
import { defineSchedule, epochs, factor } from '../schedule.ts'

export const linearWarmup = defineSchedule({
  type: 'linearWarmup',
  summary:
    'The rate times a factor that goes linearly from startFactor to endFactor in totalIters epochs, and stays there. Before another schedule: its `warmup`.',
  source: 'torch.optim.lr_scheduler.LinearLR',
  options: {
    startFactor: Type.Number({ exclusiveMinimum: 0, maximum: 1, default: 1 / 3, description: 'Factor in the first epoch.' }),
    endFactor: factor(1, 'Factor at the end.'),
    totalIters: epochs(5, 'Epochs of the change.', 1),
  },
  rate: ({ epoch, base }, { startFactor, endFactor, totalIters }) =>
    base * (startFactor + ((endFactor - startFactor) * Math.min(epoch - 1, totalIters)) / totalIters),
})
