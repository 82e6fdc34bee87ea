/** Every activation by its type: of a dense or conv layer, or a layer of its own. */
import type { Activation } from './activation.ts'
import { elu } from './activations/elu.ts'
import { gelu } from './activations/gelu.ts'
import { leakyRelu } from './activations/leaky-relu.ts'
import { linear } from './activations/linear.ts'
import { logSoftmax } from './activations/log-softmax.ts'
import { relu } from './activations/relu.ts'
import { selu } from './activations/selu.ts'
import { sigmoid } from './activations/sigmoid.ts'
import { silu } from './activations/silu.ts'
import { softmax } from './activations/softmax.ts'
import { softplus } from './activations/softplus.ts'
import { tanh } from './activations/tanh.ts'
import { type ConfigOfAny, defaultsOf } from './definition.ts'
import type { Tensor, TensorOps } from './ops.ts'

export const activationCatalog = { linear, relu, leakyRelu, elu, selu, gelu, silu, softplus, sigmoid, tanh, softmax, logSoftmax }

export type ActivationType = keyof typeof activationCatalog
export type ActivationConfig = ConfigOfAny<typeof activationCatalog>

/** Applies an activation given by its name, with the defaults, or by its config; the shape stays. */
export const activate = (ops: TensorOps, activation: ActivationType | ActivationConfig, x: Tensor): Tensor => {
  const entry: Activation = activationCatalog[typeof activation === 'string' ? activation : activation.type]
  return entry.apply(ops, x, typeof activation === 'string' ? defaultsOf(entry) : activation)
}
