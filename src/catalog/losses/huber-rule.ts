/** Huber's function: a parabola between two lines. */
import { smallestNormal, type Tensor, type TensorOps } from '../ops.ts'

/** d²/2 within ±bound, bound · (|d| − bound/2) beyond, without a mask: q · (|d| − q/2) with q = min(|d|, bound). */
export const huberTerm =
  (ops: TensorOps, bound: number) =>
  (difference: Tensor): Tensor => {
    const size = ops.abs(difference)
    // Engines take such a bound for 0, which times ∞ is NaN.
    if (bound < smallestNormal) return ops.mul(ops.mul(size, 2 ** -64), bound * 2 ** 64)
    const capped = ops.minimum(size, bound)
    return ops.mul(capped, ops.sub(size, ops.mul(capped, 0.5)))
  }

/** The difference, cut off at ±bound. */
export const huberDerivative =
  (ops: TensorOps, bound: number) =>
  (difference: Tensor): Tensor =>
    ops.maximum(ops.minimum(difference, bound), -bound)
