import type { Tensor, TensorOps } from '../../src/contracts/catalog/ops.ts'
import type { GradientClipping } from '../../src/contracts/job-config/parts.ts'

/**
 * Gradients within their limit, and their norm before. By norm all shrink together so that their common Euclidean norm
 * is at most the limit (torch.nn.utils.clip_grad_norm_); by value each number is cut off (clip_grad_value_).
 */
export const clip = (
  ops: TensorOps,
  gradients: readonly Tensor[],
  clipping: GradientClipping | undefined,
): { gradients: Tensor[]; norm: Tensor } => {
  const squares = gradients.map((gradient) => ops.sum(ops.square(gradient)))
  const norm = ops.sqrt(squares.reduce((total, square) => ops.add(total, square)))
  if (!clipping) return { gradients: [...gradients], norm }
  if ('value' in clipping) {
    const limit = clipping.value
    return { gradients: gradients.map((gradient) => ops.minimum(ops.maximum(gradient, -limit), limit)), norm }
  }
  const share = ops.minimum(ops.div(clipping.norm, ops.add(norm, 1e-6)), 1)
  return { gradients: gradients.map((gradient) => ops.mul(gradient, share)), norm }
}
