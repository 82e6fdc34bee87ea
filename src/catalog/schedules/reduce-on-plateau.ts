import { Type } from 'typebox'
import { defineSchedule, epochs } from '../schedule.ts'

export const reduceOnPlateau = defineSchedule({
  type: 'reduceOnPlateau',
  summary: "Multiplied by factor once an epoch's loss has not improved for more than patience epochs.",
  source: 'torch.optim.lr_scheduler.ReduceLROnPlateau',
  options: {
    mode: Type.Union([Type.Literal('min'), Type.Literal('max')], {
      default: 'min',
      description: 'Whether a smaller or a larger loss is better.',
    }),
    factor: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.1, description: 'Factor of each change.' }),
    patience: epochs(10, 'Epochs without improvement that are let pass.'),
    threshold: Type.Number({ minimum: 0, maximum: 1e6, default: 1e-4, description: 'How much better counts as improvement.' }),
    thresholdMode: Type.Union([Type.Literal('rel'), Type.Literal('abs')], {
      default: 'rel',
      description: 'rel: the threshold is a share of the best loss; abs: a difference.',
    }),
    cooldown: epochs(0, 'Epochs after a change in which nothing counts as bad.'),
    minLr: Type.Number({ minimum: 0, maximum: 1e6, default: 0, description: 'Lowest rate.' }),
    eps: Type.Number({ minimum: 0, maximum: 1e6, default: 1e-8, description: 'A change smaller than this is not made.' }),
  },
  rate: ({ base, memo }) => memo.rate ?? base,
  observe: ({ base, memo, loss }, options) => {
    const sign = options.mode === 'min' ? 1 : -1
    const best = memo.best ?? sign * Infinity
    const bar = options.thresholdMode === 'rel' ? best * (1 - sign * options.threshold) : best - sign * options.threshold
    const better = sign * loss < sign * bar
    const cooling = memo.cooldown ?? 0
    const badEpochs = better || cooling > 0 ? 0 : (memo.badEpochs ?? 0) + 1
    const kept = { rate: memo.rate ?? base, best: better ? loss : (memo.best ?? null), cooldown: Math.max(0, cooling - 1) }
    if (badEpochs <= options.patience) return { ...kept, badEpochs }
    const reduced = Math.max(kept.rate * options.factor, options.minLr)
    return { ...kept, rate: kept.rate - reduced > options.eps ? reduced : kept.rate, cooldown: options.cooldown, badEpochs: 0 }
  },
})
