import { Type } from 'typebox'
import { defineSchedule } from '../schedule.ts'

export const exponential = defineSchedule({
  type: 'exponential',
  summary: 'Multiplied by gamma after every epoch.',
  source: 'torch.optim.lr_scheduler.ExponentialLR',
  options: { gamma: Type.Number({ minimum: 0, maximum: 1e3, description: 'Factor of each change.' }) },
  rate: ({ epoch, base }, { gamma }) => base * gamma ** (epoch - 1),
})
