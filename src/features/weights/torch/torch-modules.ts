/** The modules of `torch.nn.Sequential` that one of our layers is, and how its tensors become theirs. */

import { type ActivationConfig, type ActivationType, isIdentity } from '../../../catalog/activations.ts'
import type { LayerConfigOf } from '../../../catalog/layers/all-layers.ts'
import { epsilonOf } from '../../../catalog/layers/norm-parameters.ts'
import { geometryOf, type WindowOptions } from '../../../catalog/layers/window.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import { lastOf } from '../../../numerics/must.ts'
import { channelsFirst, type Order } from './axes.ts'
import { activationCode, keyword, paddingCode, tuple } from './module-code.ts'

/**
 * Where a tensor of a module comes from: ours, seen as `shape` with its axes reordered; the result is then given
 * `torchShape`. A count comes from nowhere.
 */
export type TorchTensor = { name: string; torchShape: number[] } & ({ from: string; shape: number[]; axes: number[] } | { count: true })

/** One module: its Python and its tensors, none if it learns nothing. */
export type TorchModule = { code: string; tensors: TorchTensor[] }

/** What has to be known about the place of a layer: the order of its axes, and the image that its flat input was. */
export type Place = { order: Order; image?: number[] }

/** A module without tensors. */
export const plain = (code: string): TorchModule => ({ code, tensors: [] })

export const denseModules = (config: LayerConfigOf<'dense'>, layer: LayerPlan, place: Place): TorchModule[] => {
  const { index, inputShape } = layer
  const { image } = place
  const inputs = lastOf(inputShape)
  const rows = image ?? [inputs]
  const weight: TorchTensor = {
    name: 'weight',
    from: `layers.${index}.weight`,
    shape: [...rows, config.units],
    axes: channelsFirst([...(image ? channelsFirst(rangeOf(rows.length)) : [0]), rows.length]),
    torchShape: [config.units, inputs],
  }
  const code = `Linear(${inputs}, ${config.units}${keyword('bias', config.bias, true)})`
  return withActivation([{ code, tensors: config.bias ? [weight, biasOf(index, config.units)] : [weight] }], config, layer, place)
}

export const convolutionModules = (
  config: LayerConfigOf<'conv1d' | 'conv2d' | 'conv3d'>,
  layer: LayerPlan,
  place: Place,
): TorchModule[] => {
  const { index, inputShape } = layer
  const sizes = inputShape.slice(0, -1)
  const channels = lastOf(inputShape)
  const geometry = geometryOf({ ...config, window: config.kernelSize }, sizes)
  const { window, strides, dilation } = geometry
  const { before, argument } = paddingCode(geometry, { same: config.padding === 'same', fill: '0' })
  const options = `${keyword('stride', strides, 1)}${argument}${keyword('dilation', dilation, 1)}${keyword('bias', config.bias, true)}`
  const axes = [window.length + 1, window.length, ...rangeOf(window.length)]
  const shape = [...window, channels, config.filters]
  const weight: TorchTensor = {
    name: 'weight',
    from: `layers.${index}.weight`,
    shape,
    axes,
    torchShape: axes.map((axis) => shape[axis] ?? 1),
  }
  const modules = [
    ...(before ? [plain(before)] : []),
    {
      code: `Conv${sizes.length}d(${channels}, ${config.filters}, ${tuple(window)}${options})`,
      tensors: config.bias ? [weight, biasOf(index, config.filters)] : [weight],
    },
  ]
  return withActivation(modules, config, layer, place)
}

type Pooling = { poolSize: number | number[]; strides?: number | number[]; padding: WindowOptions['padding'] }

export const maxPoolingModules = (config: Pooling, layer: LayerPlan): TorchModule[] =>
  poolingModules(config, layer, { kind: 'Max', fill: '-inf' })

export const averagePoolingModules = (config: Pooling, layer: LayerPlan): TorchModule[] =>
  poolingModules(config, layer, { kind: 'Avg', fill: '0' })

export const batchNormModules = (config: LayerConfigOf<'batchNorm'>, { index, inputShape }: LayerPlan, { image }: Place): TorchModule[] => {
  const channels = lastOf(inputShape)
  const tensor = (name: string, ours: string) => perValue(name, `layers.${index}.${ours}`, channels, image)
  const options = `${keyword('eps', epsilonOf(config), 1e-5)}${keyword('momentum', config.momentum, 0.1)}${keyword('affine', config.affine, true)}`
  const tensors: TorchTensor[] = [
    ...(config.affine ? [tensor('weight', 'weight'), tensor('bias', 'bias')] : []),
    tensor('running_mean', 'runningMean'),
    tensor('running_var', 'runningVariance'),
    { name: 'num_batches_tracked', torchShape: [], count: true },
  ]
  return [{ code: `BatchNorm${Math.max(inputShape.length - 1, 1)}d(${channels}${options})`, tensors }]
}

export const layerNormModules = (
  config: LayerConfigOf<'layerNorm'>,
  { index, inputShape }: LayerPlan,
  { order, image }: Place,
): TorchModule[] => {
  const shape = config.normalizedShape ?? inputShape.slice(-1)
  // Over a whole image with its channels first, or over the flat values that were one.
  const moved = image ?? (shape.length > 1 && order === 'first' ? shape : undefined)
  const axes = moved ? channelsFirst(rangeOf(moved.length)) : rangeOf(shape.length)
  const torchShape = moved && !image ? channelsFirst(shape) : shape
  const tensor = (name: string): TorchTensor => ({ name, from: `layers.${index}.${name}`, shape: moved ?? shape, axes, torchShape })
  const options = `${keyword('eps', epsilonOf(config), 1e-5)}${keyword('elementwise_affine', config.elementwiseAffine, true)}`
  return [
    { code: `LayerNorm(${tuple(torchShape)}${options})`, tensors: config.elementwiseAffine ? [tensor('weight'), tensor('bias')] : [] },
  ]
}

export const embeddingModules = (config: LayerConfigOf<'embedding'>, { index }: LayerPlan): TorchModule[] => {
  const shape = [config.vocabularySize, config.units]
  const weight: TorchTensor = { name: 'weight', from: `layers.${index}.weight`, shape, axes: [0, 1], torchShape: shape }
  return [{ code: `Embedding(${config.vocabularySize}, ${config.units})`, tensors: [weight] }]
}

/** Another shape: to one axis, from one axis, or by way of one. */
export const reshapeModules = (_config: unknown, { inputShape, outputShape }: LayerPlan, _place: Place, after: Place): TorchModule[] => {
  const flatten = inputShape.length > 1 || outputShape.length === 1 ? [plain('Flatten()')] : []
  if (outputShape.length === 1) return flatten
  return [...flatten, plain(`Unflatten(1, ${tuple(after.order === 'first' ? channelsFirst(outputShape) : outputShape)})`)]
}

const rangeOf = (length: number): number[] => Array.from({ length }, (_, at) => at)

/** A tensor over channels, or over flat values, which were an image with its channels last. */
const perValue = (name: string, from: string, count: number, image: number[] | undefined): TorchTensor => {
  if (!image) return { name, from, shape: [count], axes: [0], torchShape: [count] }
  return { name, from, shape: image, axes: channelsFirst(rangeOf(image.length)), torchShape: [count] }
}

const biasOf = (index: number, units: number): TorchTensor => perValue('bias', `layers.${index}.bias`, units, undefined)

/** The modules of a layer with an activation as one of its options. */
const withActivation = (
  modules: TorchModule[],
  { activation }: { activation: ActivationType | ActivationConfig },
  { outputShape }: LayerPlan,
  { order }: Place,
): TorchModule[] =>
  isIdentity(activation) ? modules : [...modules, plain(activationCode(activation, { order, rank: outputShape.length }))]

const poolingModules = (
  { poolSize, strides = poolSize, padding }: Pooling,
  { inputShape }: LayerPlan,
  { kind, fill }: { kind: string; fill: '0' | '-inf' },
): TorchModule[] => {
  const geometry = geometryOf({ window: poolSize, strides, padding }, inputShape.slice(0, -1))
  const { before, argument } = paddingCode(geometry, { fill })
  const name = `${kind}Pool${geometry.window.length}d`
  return [...(before ? [plain(before)] : []), plain(`${name}(${tuple(geometry.window)}, stride=${tuple(geometry.strides)}${argument})`)]
}
