import { inputAt, type LossTerms } from '../loss.ts'
import type { Save, Tensor, TensorOps } from '../ops.ts'
import { classShares } from './class-shares.ts'

/** −weight · x at the target class, over the last axis. */
export const nllTerms = (
  ops: TensorOps,
  { inputs, target, save }: { inputs: Tensor[]; target: Tensor; save: Save },
  options: { weight?: number[]; ignoreIndex?: number },
): LossTerms => {
  const logProbabilities = inputAt(inputs, 0)
  const { shares, rowWeights } = classShares(ops, target, logProbabilities.shape.at(-1) ?? 1, options)
  const saved = save(shares)
  return {
    terms: ops.neg(ops.sum(ops.mul(shares, logProbabilities), [-1])),
    derivatives: () => [saved()],
    factor: -1,
    divisor: ops.sum(rowWeights),
  }
}
