import type { JobConfig } from '../../../src/api/job-config.schema.ts'
import type { Tensor, TensorOps } from '../../../src/catalog/ops.ts'

type Parameter = { name: string; value: Tensor }

/** Gradients of the loss with those of the penalties, in the order of the parameters; an L1 penalty's is l1 · sign(w), 0 at 0 as in PyTorch. */
export const withPenalties = (
  ops: TensorOps,
  gradients: readonly Tensor[],
  parameters: readonly Parameter[],
  { l1 = 0, biases = true }: Partial<NonNullable<JobConfig['regularization']>> = {},
): Tensor[] =>
  gradients.map((gradient, position) => {
    const parameter = parameters[position]
    if (l1 === 0 || !parameter || (!biases && parameter.name.endsWith('.bias'))) return gradient
    return ops.add(gradient, ops.mul(signOf(ops, parameter.value), l1))
  })

/** −1, 0 or 1, to the last digit on every backend: WebAssembly's own kernel takes small numbers for 0. */
const signOf = (ops: TensorOps, x: Tensor): Tensor => ops.sub(ops.greater(x, 0), ops.less(x, 0))
