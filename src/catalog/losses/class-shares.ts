/** What losses over class indices share. */

import { lastOf } from '../../numerics/must.ts'
import type { Save, Tensor, TensorOps } from '../ops.ts'
import type { LossTerms } from './loss.ts'

/** PyTorch's `ignore_index`. */
export const ignoredByDefault = -100

type IndexOptions = { weight?: number[]; labelSmoothing?: number; ignoreIndex?: number }

/**
 * −weight · x at the class index `target` of log-probabilities x, `[..., C]`, part of it spread evenly over all classes by
 * label smoothing, and nothing in ignored rows. Classes that do not count are left out, not multiplied by 0: their
 * log-probability may be −∞.
 * `gradients` are those by the log-probabilities, from what reaches each term.
 */
export const indexTerms = (
  ops: TensorOps,
  { logProbabilities, target, save }: { logProbabilities: Tensor; target: Tensor; save: Save },
  { weight, labelSmoothing = 0, ignoreIndex = ignoredByDefault }: IndexOptions,
): Required<Pick<LossTerms, 'terms' | 'divisor' | 'counted'>> & Pick<LossTerms, 'summands'> & { gradient: (share: Tensor) => Tensor } => {
  const classes = lastOf(logProbabilities.shape)
  const counted = ops.notEqual(target, ignoreIndex)
  const chosen = ops.mul(ops.oneHot(target, classes), inNewAxis(ops, counted))
  const weights = weight && ops.constant(weight, [classes])
  const rowWeights = ops.sum(weights ? ops.mul(chosen, weights) : chosen, [-1])
  const picked = ops.sum(ops.where(chosen, logProbabilities, 0), [-1])
  const own = ops.neg(weights ? ops.mul(rowWeights, picked) : picked)
  const saved = { chosen: save(chosen), rowWeights: save(inNewAxis(ops, rowWeights)) }
  const ofChosen = (share: Tensor, part: number): Tensor => ops.where(saved.chosen(), ops.mul(ops.mul(saved.rowWeights(), -part), share), 0)
  const divisor = ops.sum(rowWeights)
  if (labelSmoothing === 0) return { terms: own, divisor, counted, gradient: (share) => ofChosen(share, 1) }
  const spread = labelSmoothing / classes
  const all = ops.sum(weights ? ops.mul(logProbabilities, weights) : logProbabilities, [-1])
  const savedCounted = save(inNewAxis(ops, counted))
  const savedWeights = weights && save(weights)
  const summands: [Tensor, Tensor] = [ops.mul(own, 1 - labelSmoothing), ops.where(counted, ops.mul(all, -spread), 0)]
  return {
    terms: ops.add(...summands),
    summands,
    divisor,
    counted,
    gradient: (share) => {
      const ofAll = ops.mul(share, -spread)
      const weighted = savedWeights ? ops.mul(ofAll, savedWeights()) : ofAll
      return ops.add(ofChosen(share, 1 - labelSmoothing), ops.where(savedCounted(), weighted, 0))
    },
  }
}

/** Shares of class probabilities `target`, `[..., C]`, before their weights; every row counts 1 in a mean. */
export const probabilityShares = (ops: TensorOps, target: Tensor, classes: number, labelSmoothing: number): Tensor =>
  labelSmoothing === 0 ? target : ops.add(ops.mul(target, 1 - labelSmoothing), labelSmoothing / classes)

const inNewAxis = (ops: TensorOps, x: Tensor): Tensor => ops.reshape(x, [...x.shape, 1])
