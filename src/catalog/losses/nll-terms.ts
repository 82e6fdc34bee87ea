import type { Save, Tensor, TensorOps } from '../ops.ts'
import { indexTerms } from './class-shares.ts'
import { inputAt, type LossTerms } from './loss.ts'

/** −weight · x at the target class, over the last axis. */
export const nllTerms = (
  ops: TensorOps,
  { inputs, target, save }: { inputs: Tensor[]; target: Tensor; save: Save },
  options: { weight?: number[]; ignoreIndex?: number },
): LossTerms => {
  const { gradient, ...terms } = indexTerms(ops, { logProbabilities: inputAt(inputs, 0), target, save }, options)
  return { ...terms, gradients: (share) => [gradient(share)] }
}
