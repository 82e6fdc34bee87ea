import { Type } from 'typebox'
import { defineSchedule, factor } from '../schedule.ts'

export const step = defineSchedule({
  type: 'step',
  summary: 'Multiplied by gamma after every stepSize epochs.',
  source: 'torch.optim.lr_scheduler.StepLR',
  options: {
    stepSize: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Epochs between two changes.' }),
    gamma: factor(0.1, 'Factor of each change.'),
  },
  rate: ({ epoch, base }, { stepSize, gamma }) => base * gamma ** Math.floor((epoch - 1) / stepSize),
})
