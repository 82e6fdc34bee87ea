import { Type } from 'typebox'
import { given, type Tensors } from '../ops.ts'
import { decayPenalty, defineOptimizer, learningRate, type Updated, weightDecay } from './optimizer.ts'

export const sgd = defineOptimizer({
  type: 'sgd',
  summary: 'Stochastic gradient descent, with momentum if asked.',
  source: 'torch.optim.SGD',
  options: {
    learningRate: learningRate(1e-3),
    momentum: Type.Number({ minimum: 0, maximum: 1, default: 0, description: 'Share of the last velocity that is kept.' }),
    dampening: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0,
      description: 'Share of the gradient kept out of the velocity, from the second step on.',
    }),
    nesterov: Type.Boolean({ default: false, description: "Nesterov's look-ahead; needs momentum and no dampening." }),
    weightDecay: weightDecay(0),
  },
  penalty: decayPenalty,
  // PyTorch's rule for Nesterov's momentum.
  conflict: ({ nesterov, momentum, dampening }) =>
    nesterov && !(momentum > 0 && dampening === 0)
      ? { option: 'nesterov', message: 'needs a momentum above 0 and no dampening' }
      : undefined,
  slots: ({ momentum }): Record<string, number> => (momentum === 0 ? {} : { velocity: 0 }),
  prepare: (ops, { step }, { momentum, dampening }): Tensors => {
    if (momentum === 0 || dampening === 0) return {}
    // PyTorch starts the velocity with the whole gradient and dampens only from the second step on.
    return { gradientShare: ops.sub(1, ops.mul(ops.greater(step, 1), dampening)) }
  },
  update: (ops, { parameter, gradient, slots, shared }, { momentum, dampening, nesterov }): Updated => {
    if (momentum === 0) return { parameter: ops.sub(parameter, ops.mul(gradient, shared.learningRate)), slots: {} }
    const share = dampening === 0 ? gradient : ops.mul(gradient, given(shared, 'gradientShare'))
    const velocity = ops.add(ops.mul(given(slots, 'velocity'), momentum), share)
    const direction = nesterov ? ops.add(gradient, ops.mul(velocity, momentum)) : velocity
    return { parameter: ops.sub(parameter, ops.mul(direction, shared.learningRate)), slots: { velocity } }
  },
})
