/** From a loss's terms to its value, with the gradient in closed form. */

import { sizeOf } from '../../numerics/shape.ts'
import type { Operand, Tensor, TensorOps } from '../ops.ts'
import type { Loss, LossTerms, Reduction } from './loss.ts'

/** What the formula is applied to; class axes are last. */
export type LossCall = { inputs: Tensor[]; target: Tensor; options: Record<string, unknown> }

/** How a loss becomes one value. */
export type Reducing = {
  reduction: Reduction
  /** Whether a mean over ignored rows alone is 0 instead of NaN, as in PyTorch. Its gradient is 0 anyway. */
  emptyIsZero?: boolean
}

/**
 * The value of a loss: a scalar, or the terms for `none`. Differentiable by the inputs. The gradient is the
 * derivative of the terms times one scalar, so that a training step multiplies once.
 */
export const reducedLoss = (
  ops: TensorOps,
  loss: Loss,
  { inputs, target, options }: LossCall,
  { reduction, emptyIsZero = false }: Reducing,
): Tensor =>
  ops.customGradient(inputs, (save) => {
    const result = loss.terms(ops, { inputs, target, save }, options)
    const divisor = divisorOf(reduction, result)
    const savedDivisor = typeof divisor === 'number' ? () => divisor : save(divisor)
    const { factor = 1, derivatives = () => [], counted } = result
    const value = reduce(ops, reduction, result)
    const rank = inputs[0]?.shape.length ?? 0
    return {
      value: emptyIsZero && counted ? ops.where(ops.greater(ops.sum(counted), 0), value, 0) : value,
      gradients: (upstream) => {
        const by = savedDivisor()
        const share = typeof by === 'number' ? scaled(ops, upstream, factor / by) : ops.div(scaled(ops, upstream, factor), by)
        if (result.gradients) return result.gradients(perRow(ops, share, rank))
        return derivatives().map((derivative) => ops.mul(derivative, perRow(ops, share, derivative.shape.length)))
      },
    }
  })

/**
 * The sum of terms and what the reduction divides it by, both of this call's rows: a loss over many rows is the sum
 * of the totals of its parts divided by the sum of their divisors. A divisor of 1 per call means: do not divide.
 */
export const lossTotals = (
  ops: TensorOps,
  loss: Loss,
  { inputs, target, options }: LossCall,
  reduction: Reduction,
): { total: Tensor; divisor: Operand } => {
  const result = loss.terms(ops, { inputs, target, save: (tensor) => () => tensor }, options)
  return { total: ops.sum(result.terms), divisor: divisorOf(reduction, result) }
}

/** What a reduction divides the sum of terms by. */
const divisorOf = (reduction: Reduction, { terms, divisor }: LossTerms): Operand => {
  if (reduction === 'mean') return divisor ?? sizeOf(terms.shape)
  return reduction === 'batchmean' ? (terms.shape[0] ?? 1) : 1
}

const reduce = (ops: TensorOps, reduction: Reduction, { terms, divisor, summands }: LossTerms): Tensor => {
  if (reduction === 'none') return terms
  if (reduction === 'mean' && divisor === undefined) return ops.mean(terms)
  if (reduction === 'mean' && divisor !== undefined && summands)
    return summands.map((summand) => ops.div(ops.sum(summand), divisor)).reduce((sum, each) => ops.add(sum, each))
  const sum = ops.sum(terms)
  return reduction === 'sum' ? sum : ops.div(sum, divisorOf(reduction, { terms, divisor }))
}

/** Gives a value per row trailing axes, so that it multiplies all values of its row. */
const perRow = (ops: TensorOps, x: Tensor, rank: number): Tensor =>
  x.shape.length === 0 || x.shape.length === rank ? x : ops.reshape(x, [...x.shape, ...new Array<number>(rank - x.shape.length).fill(1)])

const scaled = (ops: TensorOps, x: Tensor, factor: number): Tensor => (factor === 1 ? x : ops.mul(x, factor))
