/** The modules of `torch.nn.Sequential` that one of our layers is, and how its tensors become theirs. */

import { epsilonOf } from '../../../catalog/layers/norm-parameters.ts'
import { geometryOf } from '../../../catalog/layers/window.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import { activationCode, keyword, paddingCode, tuple } from './module-code.ts'
import { channelsFirst, type Order } from './order.ts'

/**
 * Where a tensor of a module comes from: ours, seen as `shape` with its axes reordered; the result is then given
 * `torchShape`. A count comes from nowhere.
 */
export type TorchTensor = { name: string; torchShape: number[] } & ({ from: string; shape: number[]; axes: number[] } | { count: true })

/** One module: its Python and its tensors, none where it learns nothing. */
export type TorchModule = { code: string; tensors: TorchTensor[] }

/** What has to be known about the place of a layer: the order of its axes, and the image that its flat input was. */
export type Place = { order: Order; image?: number[] }

const plain = (code: string): TorchModule => ({ code, tensors: [] })
const rangeOf = (length: number): number[] => Array.from({ length }, (_, at) => at)

/** A tensor over channels, or over flat values, which were an image with its channels last. */
const perValue = (name: string, from: string, count: number, image: number[] | undefined): TorchTensor => {
  if (!image) return { name, from, shape: [count], axes: [0], torchShape: [count] }
  return { name, from, shape: image, axes: channelsFirst(rangeOf(image.length)), torchShape: [count] }
}

const biasOf = (index: number, units: number): TorchTensor => perValue('bias', `layers.${index}.bias`, units, undefined)

const denseModule = ({ index, config, inputShape }: LayerPlan, { image }: Place): TorchModule => {
  if (config.type !== 'dense') throw new Error('not a dense layer')
  const inputs = inputShape.at(-1) ?? 1
  const rows = image ?? [inputs]
  const weight: TorchTensor = {
    name: 'weight',
    from: `layers.${index}.weight`,
    shape: [...rows, config.units],
    axes: channelsFirst([...(image ? channelsFirst(rangeOf(rows.length)) : [0]), rows.length]),
    torchShape: [config.units, inputs],
  }
  const code = `Linear(${inputs}, ${config.units}${keyword('bias', config.bias, true)})`
  return { code, tensors: config.bias ? [weight, biasOf(index, config.units)] : [weight] }
}

const convolutionModules = ({ index, config, inputShape }: LayerPlan): TorchModule[] => {
  if (config.type !== 'conv1d' && config.type !== 'conv2d' && config.type !== 'conv3d') throw new Error('not a convolution')
  const sizes = inputShape.slice(0, -1)
  const channels = inputShape.at(-1) ?? 1
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
  return [
    ...(before ? [plain(before)] : []),
    {
      code: `Conv${sizes.length}d(${channels}, ${config.filters}, ${tuple(window)}${options})`,
      tensors: config.bias ? [weight, biasOf(index, config.filters)] : [weight],
    },
  ]
}

const poolingModules = ({ config, inputShape }: LayerPlan): TorchModule[] => {
  if (!('poolSize' in config)) throw new Error('not a pooling layer')
  const geometry = geometryOf(
    { window: config.poolSize, strides: config.strides ?? config.poolSize, padding: config.padding },
    inputShape.slice(0, -1),
  )
  const isMax = config.type.startsWith('max')
  const { before, argument } = paddingCode(geometry, { fill: isMax ? '-inf' : '0' })
  const name = `${isMax ? 'Max' : 'Avg'}Pool${geometry.window.length}d`
  return [...(before ? [plain(before)] : []), plain(`${name}(${tuple(geometry.window)}, stride=${tuple(geometry.strides)}${argument})`)]
}

const batchNormModule = ({ index, config, inputShape }: LayerPlan, { image }: Place): TorchModule => {
  if (config.type !== 'batchNorm') throw new Error('not a batchNorm layer')
  const channels = inputShape.at(-1) ?? 1
  const tensor = (name: string, ours: string) => perValue(name, `layers.${index}.${ours}`, channels, image)
  const options = `${keyword('eps', epsilonOf(config), 1e-5)}${keyword('momentum', config.momentum, 0.1)}${keyword('affine', config.affine, true)}`
  return {
    code: `BatchNorm${Math.max(inputShape.length - 1, 1)}d(${channels}${options})`,
    tensors: [
      ...(config.affine ? [tensor('weight', 'weight'), tensor('bias', 'bias')] : []),
      tensor('running_mean', 'runningMean'),
      tensor('running_var', 'runningVariance'),
      { name: 'num_batches_tracked', torchShape: [], count: true },
    ],
  }
}

const layerNormModule = ({ index, config, inputShape }: LayerPlan, { order, image }: Place): TorchModule => {
  if (config.type !== 'layerNorm') throw new Error('not a layerNorm layer')
  const shape = config.normalizedShape ?? inputShape.slice(-1)
  // Over a whole image with its channels first, or over the flat values that were one.
  const moved = image ?? (shape.length > 1 && order === 'first' ? shape : undefined)
  const axes = moved ? channelsFirst(rangeOf(moved.length)) : rangeOf(shape.length)
  const torchShape = moved && !image ? channelsFirst(shape) : shape
  const tensor = (name: string): TorchTensor => ({ name, from: `layers.${index}.${name}`, shape: moved ?? shape, axes, torchShape })
  const options = `${keyword('eps', epsilonOf(config), 1e-5)}${keyword('elementwise_affine', config.elementwiseAffine, true)}`
  return { code: `LayerNorm(${tuple(torchShape)}${options})`, tensors: config.elementwiseAffine ? [tensor('weight'), tensor('bias')] : [] }
}

const embeddingModule = ({ index, config }: LayerPlan): TorchModule => {
  if (config.type !== 'embedding') throw new Error('not an embedding layer')
  const shape = [config.vocabularySize, config.units]
  return {
    code: `Embedding(${config.vocabularySize}, ${config.units})`,
    tensors: [{ name: 'weight', from: `layers.${index}.weight`, shape, axes: [0, 1], torchShape: shape }],
  }
}

/** The modules of a layer but for reshaping, with those of its activation. */
export const modulesOf = (layer: LayerPlan, place: Place): TorchModule[] => {
  const { config, outputShape } = layer
  const about = { order: place.order, rank: outputShape.length }
  const withActivation = (modules: TorchModule[]): TorchModule[] => {
    if (!('activation' in config)) return modules
    const isNone = config.activation === 'linear' || (typeof config.activation === 'object' && config.activation.type === 'linear')
    return isNone ? modules : [...modules, plain(activationCode(config.activation, about))]
  }
  switch (config.type) {
    case 'dense':
      return withActivation([denseModule(layer, place)])
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
      return withActivation(convolutionModules(layer))
    case 'batchNorm':
      return [batchNormModule(layer, place)]
    case 'layerNorm':
      return [layerNormModule(layer, place)]
    case 'embedding':
      return [embeddingModule(layer)]
    case 'activation':
      return [plain(activationCode(config.activation, about))]
    case 'dropout':
      return [plain(`Dropout(${config.p})`)]
    case 'flatten':
    case 'reshape':
      return []
    default:
      return poolingModules(layer)
  }
}
