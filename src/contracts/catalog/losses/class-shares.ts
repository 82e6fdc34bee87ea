/** What losses over class indices share. */
import type { Tensor, TensorOps } from '../ops.ts'

/** How much each class of each row counts, `[..., C]`, and how much its row counts in a mean, `[...]`. */
export type ClassShares = { shares: Tensor; rowWeights: Tensor }

/** PyTorch's `ignore_index`. */
export const ignoredByDefault = -100

const inNewAxis = (ops: TensorOps, x: Tensor): Tensor => ops.reshape(x, [...x.shape, 1])

/**
 * Shares of class indices `target`: the class's weight at the index, spread evenly over all classes by label
 * smoothing, and nothing in ignored rows.
 */
export const classShares = (
  ops: TensorOps,
  target: Tensor,
  classes: number,
  { weight, labelSmoothing = 0, ignoreIndex = ignoredByDefault }: { weight?: number[]; labelSmoothing?: number; ignoreIndex?: number },
): ClassShares => {
  const counted = inNewAxis(ops, ops.notEqual(target, ignoreIndex))
  const weighted = (x: Tensor): Tensor => (weight ? ops.mul(x, ops.constant(weight, [classes])) : x)
  const chosen = weighted(ops.mul(ops.oneHot(target, classes), counted))
  const rowWeights = ops.sum(chosen, [-1])
  if (labelSmoothing === 0) return { shares: chosen, rowWeights }
  const spread = ops.mul(weighted(ops.mul(counted, ops.constant(new Array(classes).fill(1), [classes]))), labelSmoothing / classes)
  return { shares: ops.add(ops.mul(chosen, 1 - labelSmoothing), spread), rowWeights }
}

/** Shares of class probabilities `target`, `[..., C]`; every row counts 1 in a mean. */
export const probabilityShares = (
  ops: TensorOps,
  target: Tensor,
  classes: number,
  { weight, labelSmoothing }: { weight?: number[]; labelSmoothing: number },
): Tensor => {
  const smoothed = labelSmoothing === 0 ? target : ops.add(ops.mul(target, 1 - labelSmoothing), labelSmoothing / classes)
  return weight ? ops.mul(smoothed, ops.constant(weight, [classes])) : smoothed
}
