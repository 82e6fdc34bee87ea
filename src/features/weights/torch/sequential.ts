/** Our stack of layers as the modules of one `torch.nn.Sequential`. */
import type { LayerPlan } from '../../../contracts/plan.ts'
import { modulesOf, type Place, type TorchModule } from './layer-modules.ts'
import { tuple } from './module-code.ts'
import { channelsFirst, isFlattening, isSameEitherWay, nextOrder, type Order, wantedOrder } from './order.ts'

const plain = (code: string): TorchModule => ({ code, tensors: [] })

/** Moves the channels: `Permute` is torchvision.ops.Permute, since torch.nn has none. */
const permute = (rank: number, to: Order): TorchModule => {
  const axes = Array.from({ length: rank }, (_, at) => at + 1)
  const moved = to === 'first' ? channelsFirst(axes) : [...axes.slice(1), 1]
  return plain(`Permute(${tuple([0, ...moved])})`)
}

/** Another shape: to one axis, from one axis, or by way of one. */
const reshapeModules = ({ inputShape, outputShape }: LayerPlan, order: Order): TorchModule[] => {
  const flatten = inputShape.length > 1 || outputShape.length === 1 ? [plain('Flatten()')] : []
  if (outputShape.length === 1) return flatten
  return [...flatten, plain(`Unflatten(1, ${tuple(order === 'first' ? channelsFirst(outputShape) : outputShape)})`)]
}

/** The order of the axes, and the image behind flat values, after a layer that was given them in this place. */
const placeAfter = (layer: LayerPlan, place: Place, following: readonly LayerPlan[]): Place => {
  const { config, inputShape, outputShape } = layer
  if (isFlattening(layer)) {
    const wasImage = inputShape.length > 1 && place.order === 'first' && !isSameEitherWay(inputShape)
    return { order: 'last', image: wasImage ? inputShape : place.image }
  }
  // Where no value moves, a reshape makes at once what the next layer wants.
  if (config.type === 'reshape') return { order: isSameEitherWay(outputShape) ? nextOrder(following) : 'last' }
  if (config.type === 'embedding') return { order: 'last' }
  return config.type === 'dense' ? { order: place.order } : place
}

/**
 * The modules in order. The input has its channels first where the first layer that minds takes them so. An activation
 * is a module of its own; so is padding that differs from side to side, and a `Permute` where channels have to move.
 */
export const toSequential = (layers: readonly LayerPlan[]): TorchModule[] => {
  let place: Place = { order: nextOrder(layers) }
  return layers.flatMap((layer, at) => {
    const following = layers.slice(at + 1)
    const wanted = wantedOrder(layer, following)
    const moves = wanted !== undefined && wanted !== place.order
    if (moves) place = { ...place, order: wanted }
    const after = placeAfter(layer, place, following)
    const isReshaping = layer.config.type === 'flatten' || layer.config.type === 'reshape'
    const modules = isReshaping ? reshapeModules(layer, after.order) : modulesOf(layer, place)
    place = after
    return moves ? [permute(layer.inputShape.length, wanted), ...modules] : modules
  })
}
