import { Type } from 'typebox'
import { defineSchedule } from '../schedule.ts'

export const cosine = defineSchedule({
  type: 'cosine',
  summary: "Half a cosine wave from the optimizer's rate down to etaMin in tMax epochs, and up again after.",
  source: 'torch.optim.lr_scheduler.CosineAnnealingLR',
  options: {
    tMax: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Epochs from the highest rate to the lowest.' }),
    etaMin: Type.Number({ minimum: 0, maximum: 1e6, default: 0, description: 'Lowest rate.' }),
  },
  rate: ({ epoch, base }, { tMax, etaMin }) => etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * (epoch - 1)) / tMax))) / 2,
})
