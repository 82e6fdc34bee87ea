/**
 * What an optimizer is: a catalog entry with its update rule, a pure function of one parameter's tensors. The rule
 * takes the step's number and the learning rate as tensors, so that one traced step serves all steps.
 */
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import type { Definition } from '../definition.ts'
import type { Tensor, TensorOps, Tensors } from '../ops.ts'
import type { OptionConflict } from '../option-conflict.ts'

type Chosen<Options extends TProperties> = Static<TObject<Options>>

/** A parameter after a step, with its new slots. */
export type Updated = { parameter: Tensor; slots: Tensors }

export type Optimizer<Options extends TProperties = TProperties> = Definition<Options> & {
  /** The L2 penalty that is added to the loss, and so to the gradients that `update` is given; none unless said. A closed form takes it on too. */
  penalty?(options: Chosen<Options>): number
  /** Options, each in its range, that cannot go together are refused: which one, and why. */
  conflict?(options: Chosen<Options>): OptionConflict | undefined
  /** Names of the tensors kept per parameter, each with the parameter's shape, and the value that fills them at first. */
  slots(options: Chosen<Options>): Record<string, number>
  /** What all parameters share in one step; `step` is a scalar counting from 1, `learningRate` a scalar. */
  prepare?(ops: TensorOps, at: { step: Tensor; learningRate: Tensor }, options: Chosen<Options>): Tensors
  /** One parameter's update; `shared` is what `prepare` gave, with `learningRate` in it. */
  update(
    ops: TensorOps,
    at: { parameter: Tensor; gradient: Tensor; slots: Tensors; shared: Tensors & { learningRate: Tensor } },
    options: Chosen<Options>,
  ): Updated
}

/** Names the types of an optimizer's options. */
export const defineOptimizer = <const Options extends TProperties, const Type extends string>(
  optimizer: Optimizer<Options> & { type: Type },
): Optimizer<Options> & { type: Type } => optimizer

/** average + (value − average) · (1 − decay) */
export const movingAverage = (ops: TensorOps, average: Tensor, value: Tensor, decay: number): Tensor =>
  ops.add(average, ops.mul(ops.sub(value, average), 1 - decay))

/** decay · average + (1 − decay) · value²; multiplied in PyTorch's order, in which fewer squares overflow. */
export const movingSquare = (ops: TensorOps, average: Tensor, value: Tensor, decay: number): Tensor =>
  ops.add(ops.mul(average, decay), ops.mul(ops.mul(value, 1 - decay), value))

/** 1 − decay^step, exact to float32's last digits even if decay is near 1. */
export const biasCorrection = (ops: TensorOps, step: Tensor, decay: number): Tensor =>
  ops.neg(ops.expm1(ops.mul(step, Math.max(Math.log(decay), -1e30))))

/** Options that several optimizers have. */
export const learningRate = (byDefault: number) =>
  Type.Number({ minimum: 0, maximum: 1e6, default: byDefault, description: 'Learning rate before any schedule.' })
export const weightDecay = (byDefault: number, description = 'L2 penalty: this times the parameter is added to its gradient.') =>
  Type.Number({ minimum: 0, maximum: 1e6, default: byDefault, description })
/** The penalty of a weight decay that is added to the gradient. */
export const decayPenalty = ({ weightDecay }: { weightDecay: number }): number => weightDecay
export const decayRate = (byDefault: number, description: string) =>
  Type.Number({ minimum: 0, exclusiveMaximum: 1, default: byDefault, description })
export const epsilon = (byDefault: number) =>
  Type.Number({ minimum: 0, maximum: 1e6, default: byDefault, description: 'Added to the denominator so that it is never 0.' })
