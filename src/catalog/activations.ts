/** Activations: of a dense or conv layer, or a layer of its own. What one is, each of them, and the list. */
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { type ConfigOfAny, type Definition, defaultsOf, schemaFamily } from './definition.ts'
import type { Tensor, TensorOps } from './ops.ts'

export type Activation<Options extends TProperties = TProperties> = Definition<Options> & {
  /** Whether it changes nothing. */
  isIdentity?: boolean
  /** Elementwise, or over the last axis; the shape stays. */
  apply(ops: TensorOps, x: Tensor, options: Static<TObject<Options>>): Tensor
}

const linear = defineActivation({
  type: 'linear',
  summary: 'x itself.',
  source: 'torch.nn.Identity',
  options: {},
  isIdentity: true,
  apply: (_ops, x) => x,
})

const relu = defineActivation({
  type: 'relu',
  summary: 'max(0, x); its gradient at 0 is 0.',
  source: 'torch.nn.ReLU',
  options: {},
  apply: (ops, x) => ops.relu(x),
})

const leakyRelu = defineActivation({
  type: 'leakyRelu',
  summary: 'x above 0, negativeSlope · x from 0 down; its gradient at 0 is that slope.',
  source: 'torch.nn.LeakyReLU',
  options: { negativeSlope: Type.Number({ minimum: -1e6, maximum: 1e6, default: 0.01, description: 'Slope below zero.' }) },
  apply: (ops, x, { negativeSlope }) =>
    ops.customGradient([x], (save) => {
      const factor = ops.add(ops.mul(ops.greater(x, 0), 1 - negativeSlope), negativeSlope)
      const saved = save(factor)
      return { value: ops.mul(x, factor), gradients: (upstream) => [ops.mul(upstream, saved())] }
    }),
})

const elu = defineActivation({
  type: 'elu',
  summary: 'x above 0, alpha · (exp(x) − 1) from 0 down.',
  source: 'torch.nn.ELU',
  options: { alpha: Type.Number({ minimum: -1e6, maximum: 1e6, default: 1, description: 'Height of the plateau below zero.' }) },
  apply: (ops, x, { alpha }) =>
    ops.customGradient([x], (save) => {
      const below = ops.expm1(ops.minimum(x, 0))
      const saved = { below: save(below), above: save(ops.greater(x, 0)) }
      return {
        value: ops.add(ops.relu(x), ops.mul(below, alpha)),
        // Above 0 `below` is 0, so that alpha · (below + 1) has to be taken out again there.
        gradients: (upstream) => [ops.mul(upstream, ops.add(ops.mul(ops.add(saved.below(), 1), alpha), ops.mul(saved.above(), 1 - alpha)))],
      }
    }),
})

const seluAlpha = 1.6732632423543772
const seluScale = 1.0507009873554805

const selu = defineActivation({
  type: 'selu',
  summary: 'scale · x above 0, scale · alpha · (exp(x) − 1) from 0 down, with the constants that keep mean 0 and variance 1.',
  source: 'torch.nn.SELU',
  options: {},
  apply: (ops, x) =>
    ops.customGradient([x], (save) => {
      const below = ops.expm1(ops.minimum(x, 0))
      const saved = { below: save(below), above: save(ops.greater(x, 0)) }
      return {
        value: ops.add(ops.mul(ops.relu(x), seluScale), ops.mul(below, seluScale * seluAlpha)),
        gradients: (upstream) => [
          ops.mul(
            upstream,
            ops.add(ops.mul(ops.add(saved.below(), 1), seluScale * seluAlpha), ops.mul(saved.above(), seluScale * (1 - seluAlpha))),
          ),
        ],
      }
    }),
})

const gelu = defineActivation({
  type: 'gelu',
  summary: 'x · P(Z <= x) for a standard normal Z, or its approximation by tanh.',
  source: 'torch.nn.GELU',
  options: {
    approximate: Type.Union([Type.Literal('none'), Type.Literal('tanh')], {
      default: 'none',
      description: 'none: by erf; tanh: the approximation.',
    }),
  },
  apply: (ops, x, { approximate }) => {
    const half = ops.mul(x, 0.5)
    if (approximate === 'none') return ops.mul(half, ops.add(ops.erf(ops.mul(x, Math.SQRT1_2)), 1))
    const cubic = ops.mul(x, ops.add(ops.mul(ops.square(x), 0.044715), 1))
    return ops.mul(half, ops.add(ops.tanh(ops.mul(cubic, Math.sqrt(2 / Math.PI))), 1))
  },
})

const silu = defineActivation({
  type: 'silu',
  summary: 'x · sigmoid(x), also called swish.',
  source: 'torch.nn.SiLU',
  options: {},
  apply: (ops, x) => ops.mul(x, ops.sigmoid(x)),
})

const softplus = defineActivation({
  type: 'softplus',
  summary: 'log(1 + exp(beta · x)) / beta, a smooth relu.',
  source: 'torch.nn.Softplus',
  options: { beta: Type.Number({ exclusiveMinimum: 0, maximum: 1e6, default: 1, description: 'Sharpness of the bend.' }) },
  apply: (ops, x, { beta }) => (beta === 1 ? ops.softplus(x) : ops.mul(ops.softplus(ops.mul(x, beta)), 1 / beta)),
})

const sigmoid = defineActivation({
  type: 'sigmoid',
  summary: '1 / (1 + exp(−x)).',
  source: 'torch.nn.Sigmoid',
  options: {},
  apply: (ops, x) => ops.sigmoid(x),
})

const tanh = defineActivation({
  type: 'tanh',
  summary: 'Hyperbolic tangent.',
  source: 'torch.nn.Tanh',
  options: {},
  apply: (ops, x) => ops.tanh(x),
})

const softmax = defineActivation({
  type: 'softmax',
  summary: 'exp(x) / sum(exp(x)) over the last axis.',
  source: 'torch.nn.Softmax',
  options: {},
  apply: (ops, x) => ops.softmax(x),
})

const logSoftmax = defineActivation({
  type: 'logSoftmax',
  summary: 'x − log(sum(exp(x))) over the last axis.',
  source: 'torch.nn.LogSoftmax',
  options: {},
  apply: (ops, x) => ops.logSoftmax(x),
})

/** Every activation by its type. */
export const activationCatalog = { linear, relu, leakyRelu, elu, selu, gelu, silu, softplus, sigmoid, tanh, softmax, logSoftmax }

export type ActivationType = keyof typeof activationCatalog
export type ActivationConfig = ConfigOfAny<typeof activationCatalog>

export const activationFamily = schemaFamily('Activation', activationCatalog, { description: 'An activation with its options.' })

/** Whether an activation changes nothing. */
export const isIdentity = (activation: ActivationType | ActivationConfig): boolean => {
  const entry: Activation = activationCatalog[typeof activation === 'string' ? activation : activation.type]
  return entry.isIdentity ?? false
}

/** Applies an activation given by its name, with the defaults, or by its config; the shape stays. */
export const activate = (ops: TensorOps, activation: ActivationType | ActivationConfig, x: Tensor): Tensor => {
  const entry: Activation = activationCatalog[typeof activation === 'string' ? activation : activation.type]
  return entry.apply(ops, x, typeof activation === 'string' ? defaultsOf(entry) : activation)
}

/** Names the types of an activation's options. */
function defineActivation<const Options extends TProperties, const Type extends string>(
  activation: Activation<Options> & { type: Type },
): Activation<Options> & { type: Type } {
  return activation
}
