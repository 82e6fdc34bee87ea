import type { GradientClipping } from '../../../src/api/job-config/parts.schema.ts'
import type { Tensor, TensorOps } from '../../../src/catalog/ops.ts'

/** From this norm on gradients are made smaller before they are multiplied: their share of it might be taken for 0. */
const large = 2 ** 63

/**
 * Gradients within their limit, and their norm before. By norm all shrink together so that their common Euclidean norm
 * is at most the limit (torch.nn.utils.clip_grad_norm_); by value each number is cut off (clip_grad_value_).
 */
export const clip = (
  ops: TensorOps,
  gradients: readonly Tensor[],
  clipping: GradientClipping | undefined,
): { gradients: Tensor[]; norm: Tensor } => {
  const norm = ops.euclideanNorm(gradients)
  if (!clipping) return { gradients: [...gradients], norm }
  if ('value' in clipping) {
    const limit = clipping.value
    return { gradients: gradients.map((gradient) => ops.minimum(ops.maximum(gradient, -limit), limit)), norm }
  }
  // limit / (norm + 1e-6), at most 1: a division by a power of two, and a product. TensorFlow would make one of two products.
  const by = ops.where(ops.greater(norm, large), large, 1)
  const share = ops.minimum(ops.div(clipping.norm, ops.add(ops.div(norm, by), 1e-6)), by)
  return { gradients: gradients.map((gradient) => ops.mul(ops.div(gradient, by), share)), norm }
}
