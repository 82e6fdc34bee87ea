import { Type } from 'typebox'
import { defineSchedule, factor } from '../schedule.ts'

export const multiStep = defineSchedule({
  type: 'multiStep',
  summary: 'Multiplied by gamma after each milestone epoch.',
  source: 'torch.optim.lr_scheduler.MultiStepLR',
  options: {
    milestones: Type.Array(Type.Integer({ minimum: 0, maximum: 1_000_000 }), {
      minItems: 1,
      maxItems: 10_000,
      description: 'Numbers of finished epochs after which the rate changes; one named twice counts twice.',
    }),
    gamma: factor(0.1, 'Factor of each change.'),
  },
  rate: ({ epoch, base }, { milestones, gamma }) => base * gamma ** milestones.filter((milestone) => milestone <= epoch - 1).length,
})
