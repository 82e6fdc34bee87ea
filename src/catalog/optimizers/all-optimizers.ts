/** Every optimizer by its type. */
import { type ConfigOfAny, schemaFamily } from '../definition.ts'
import type { Tensor, TensorOps, Tensors } from '../ops.ts'
import type { OptionConflict } from '../option-conflict.ts'
import { adadelta } from './adadelta.ts'
import { adagrad } from './adagrad.ts'
import { adam } from './adam.ts'
import { adamax } from './adamax.ts'
import { adamw } from './adamw.ts'
import type { Optimizer } from './optimizer.ts'
import { rmsprop } from './rmsprop.ts'
import { sgd } from './sgd.ts'

export const optimizerCatalog = { sgd, adam, adamw, rmsprop, adagrad, adadelta, adamax }

export type OptimizerConfig = ConfigOfAny<typeof optimizerCatalog>

export const optimizerFamily = schemaFamily('Optimizer', optimizerCatalog, { description: "The update rule; PyTorch's." })

/** The L2 penalty that training with this optimizer adds to the loss. */
export const optimizerPenalty = (config: OptimizerConfig): number => {
  const optimizer: Optimizer = optimizerCatalog[config.type]
  return optimizer.penalty?.(config) ?? 0
}

/** Which of an optimizer's options does not go with the others, if one does not. */
export const optimizerConflict = (config: OptimizerConfig): OptionConflict | undefined => {
  const optimizer: Optimizer = optimizerCatalog[config.type]
  return optimizer.conflict?.(config)
}

/** One parameter with its gradient and its slots by name. */
export type UpdateInput = { parameter: Tensor; gradient: Tensor; slots: Tensors }

/** Names and first values of the slots that each parameter has under this optimizer. */
export const optimizerSlots = (config: OptimizerConfig): Record<string, number> => {
  const optimizer: Optimizer = optimizerCatalog[config.type]
  return optimizer.slots(config)
}

/**
 * One optimizer step over all parameters, pure. `step` is a scalar counting from 1, `learningRate` the schedule's
 * rate for this epoch; both may differ between calls of one traced step.
 */
export const updateParameters = (
  ops: TensorOps,
  config: OptimizerConfig,
  { step, learningRate }: { step: Tensor; learningRate: Tensor },
  inputs: readonly UpdateInput[],
): { parameter: Tensor; slots: Tensors }[] => {
  const optimizer: Optimizer = optimizerCatalog[config.type]
  const shared = { ...optimizer.prepare?.(ops, { step, learningRate }, config), learningRate }
  const penalty = optimizerPenalty(config)
  return inputs.map(({ gradient, ...input }) =>
    optimizer.update(ops, { ...input, gradient: withPenalty(ops, gradient, input.parameter, penalty), shared }, config),
  )
}

/** gradient + penalty · parameter */
const withPenalty = (ops: TensorOps, gradient: Tensor, parameter: Tensor, penalty: number): Tensor =>
  penalty === 0 ? gradient : ops.add(gradient, ops.mul(parameter, penalty))
