/** PyTorch's modules as Python writes them, each as in `torch.nn`. */
import type { ActivationConfig, ActivationType } from '../../../catalog/activations.ts'
import { type ByType, callByType } from '../../../catalog/by-type.ts'
import type { WindowGeometry } from '../../../catalog/layers/layer-ops.ts'
import { filledActivation } from '../filled-activation.ts'
import type { Order } from './axes.ts'

/** As in `(3, 3)`; one entry keeps its comma. */
export const tuple = (sizes: readonly number[]): string => `(${sizes.join(', ')}${sizes.length === 1 ? ',' : ''})`

/** An option as a keyword argument; nothing where it is PyTorch's default. */
export const keyword = (name: string, value: number | boolean | readonly number[] | string, byDefault?: number | boolean): string => {
  if (typeof value === 'object') return value.every((size) => size === byDefault) ? '' : `, ${name}=${tuple(value)}`
  if (value === byDefault) return ''
  return `, ${name}=${typeof value === 'boolean' ? python(value) : typeof value === 'string' ? `'${value}'` : value}`
}

/** The module of an activation; softmax goes along the channels, wherever they are. */
export const activationCode = (given: ActivationType | ActivationConfig, { order, rank }: { order: Order; rank: number }): string => {
  return callByType(activations, filledActivation(given), rank > 1 && order === 'first' ? 1 : -1)
}

/** `dim` is the axis of the channels. */
const activations: ByType<ActivationConfig, [dim: number], string> = {
  linear: () => 'Identity()',
  relu: () => 'ReLU()',
  leakyRelu: ({ negativeSlope }) => `LeakyReLU(${negativeSlope})`,
  elu: ({ alpha }) => `ELU(${alpha})`,
  selu: () => 'SELU()',
  gelu: ({ approximate }) => (approximate === 'none' ? 'GELU()' : "GELU(approximate='tanh')"),
  silu: () => 'SiLU()',
  // Above its threshold PyTorch gives x itself, which differs from ours by less than float32 can tell.
  softplus: ({ beta }) => `Softplus(${beta})`,
  sigmoid: () => 'Sigmoid()',
  tanh: () => 'Tanh()',
  softmax: (_config, dim) => `Softmax(dim=${dim})`,
  logSoftmax: (_config, dim) => `LogSoftmax(dim=${dim})`,
}

/**
 * A window's padding as PyTorch takes it: within the module, or as a module before it if the sides differ. `same` says
 * that a convolution was asked for that, which its module has a word for; pooling has none.
 */
export const paddingCode = (
  { padding, strides }: WindowGeometry,
  { same = false, fill }: { same?: boolean; fill: '0' | '-inf' },
): { before?: string; argument: string } => {
  if (padding.every(([before, after]) => before === after)) {
    const cells = padding.map(([before]) => before)
    return { argument: keyword('padding', cells, 0) }
  }
  if (same && strides.every((stride) => stride === 1)) return { argument: ", padding='same'" }
  // PyTorch names the sides of the last axis first.
  const sides = tuple(padding.toReversed().flat())
  const axes = padding.length
  const before = fill === '0' ? `ZeroPad${axes}d(${sides})` : `ConstantPad${axes}d(${sides}, -float('inf'))`
  return { before, argument: '' }
}

const python = (value: boolean): string => (value ? 'True' : 'False')
