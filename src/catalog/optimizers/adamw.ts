import { given } from '../ops.ts'
import { adamOptions, adamSlots, adamUpdate, prepareAdam } from './adam-rule.ts'
import { defineOptimizer, learningRate, weightDecay } from './optimizer.ts'

export const adamw = defineOptimizer({
  type: 'adamw',
  summary: 'Adam whose weight decay shrinks the parameters directly and does not pass through the averages.',
  source: 'torch.optim.AdamW',
  options: {
    learningRate: learningRate(1e-3),
    ...adamOptions,
    weightDecay: weightDecay(0.01, 'Each step multiplies the parameters by 1 − learningRate · weightDecay.'),
  },
  // No penalty: where its steps end also depends on the learning rate, and not on the loss alone.
  slots: adamSlots,
  prepare: (ops, at, options) => ({
    ...prepareAdam(ops, at, options),
    ...(options.weightDecay === 0 ? {} : { shrink: ops.sub(1, ops.mul(at.learningRate, options.weightDecay)) }),
  }),
  update: (ops, at, options) =>
    adamUpdate(ops, options.weightDecay === 0 ? at : { ...at, parameter: ops.mul(at.parameter, given(at.shared, 'shrink')) }, options),
})
