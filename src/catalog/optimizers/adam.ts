import { adamOptions, adamSlots, adamUpdate, prepareAdam } from './adam-rule.ts'
import { decayPenalty, defineOptimizer, learningRate, weightDecay } from './optimizer.ts'

export const adam = defineOptimizer({
  type: 'adam',
  summary: 'Steps scaled by moving averages of the gradient and its square, corrected for their start at 0.',
  source: 'torch.optim.Adam',
  options: { learningRate: learningRate(1e-3), ...adamOptions, weightDecay: weightDecay(0) },
  penalty: decayPenalty,
  slots: adamSlots,
  prepare: prepareAdam,
  update: adamUpdate,
})
