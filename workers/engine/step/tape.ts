/** What the tape of TensorFlow.js records of a formula: everything, nothing, or a gradient in closed form. */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { Save, Tensor, TensorOps } from '../../../src/catalog/ops.ts'

export type Tf = typeof TensorFlow

/** The TensorFlow.js tensor behind an opaque one. */
export const unwrap = (x: Tensor): TensorFlow.Tensor => x as TensorFlow.Tensor

/** Both ways to keep the tape out of a formula. */
export const createTapeControl = (tf: Tf) => {
  /**
   * The engine records nothing below a kernel's own level, so a result made there is a constant to differentiation,
   * and costs no gradient of zeros as a custom gradient would.
   */
  const offTape = <Result>(compute: () => Result): Result => {
    const { state } = tf.engine()
    state.kernelDepth += 1
    try {
      return compute()
    } finally {
      state.kernelDepth -= 1
    }
  }

  const customGradient: TensorOps['customGradient'] = (inputs, compute) => {
    const differentiable = tf.customGrad((...given: (TensorFlow.Tensor | TensorFlow.GradSaveFunc)[]) => {
      const keep = given.at(-1) as TensorFlow.GradSaveFunc
      const kept: TensorFlow.Tensor[] = []
      let back = kept
      const save: Save = (tensor) => {
        const position = kept.push(unwrap(tensor)) - 1
        return () => back[position] ?? tensor
      }
      const { value, gradients } = compute(save)
      keep(kept)
      return {
        value: unwrap(value),
        gradFunc: (upstream: TensorFlow.Tensor, saved: TensorFlow.Tensor[]) => {
          back = saved
          return gradients(upstream).map(unwrap)
        },
      }
    })
    return differentiable(...inputs.map(unwrap))
  }

  return { offTape, customGradient }
}
export type TapeControl = ReturnType<typeof createTapeControl>
