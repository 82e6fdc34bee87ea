/** Huber's function: a parabola between two lines. */
import type { Tensor, TensorOps } from '../ops.ts'

/** d²/2 within ±bound, bound · (|d| − bound/2) beyond, without a mask: q · (|d| − q/2) with q = min(|d|, bound). */
export const huberTerm =
  (ops: TensorOps, bound: number) =>
  (difference: Tensor): Tensor => {
    const size = ops.abs(difference)
    const capped = ops.minimum(size, bound)
    return ops.mul(capped, ops.sub(size, ops.mul(capped, 0.5)))
  }

/** The difference, cut off at ±bound. */
export const huberDerivative =
  (ops: TensorOps, bound: number) =>
  (difference: Tensor): Tensor =>
    ops.maximum(ops.minimum(difference, bound), -bound)
