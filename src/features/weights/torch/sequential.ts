/** Our stack of layers as the modules of one `torch.nn.Sequential`. */
import type { LayerPlan } from '../../../contracts/plan.ts'
import { channelsFirst, isSameEitherWay, type Order } from './axes.ts'
import { torchLayer } from './layers.ts'
import { tuple } from './module-code.ts'
import { isFlattening, nextOrder, wantedOrder } from './order.ts'
import { type Place, plain, type TorchModule } from './torch-modules.ts'

/**
 * The modules in order. The input has its channels first if the first layer that minds takes them so. An activation
 * is a module of its own; so is padding that differs from side to side, and a `Permute` if channels have to move.
 */
export const toSequential = (layers: readonly LayerPlan[]): TorchModule[] => {
  let place: Place = { order: nextOrder(layers) }
  return layers.flatMap((layer, at) => {
    const following = layers.slice(at + 1)
    const wanted = wantedOrder(layer, following)
    const moves = wanted !== undefined && wanted !== place.order
    if (moves) place = { ...place, order: wanted }
    const after = placeAfter(layer, place, following)
    const modules = torchLayer(layer.config).modules(layer.config, layer, place, after)
    place = after
    return moves ? [permute(layer.inputShape.length, wanted), ...modules] : modules
  })
}

/** Moves the channels: `Permute` is torchvision.ops.Permute, since torch.nn has none. */
const permute = (rank: number, to: Order): TorchModule => {
  const axes = Array.from({ length: rank }, (_, at) => at + 1)
  const moved = to === 'first' ? channelsFirst(axes) : [...axes.slice(1), 1]
  return plain(`Permute(${tuple([0, ...moved])})`)
}

/** The order of the axes, and the image behind flat values, after a layer that was given them in this place. */
const placeAfter = (layer: LayerPlan, place: Place, following: readonly LayerPlan[]): Place => {
  const { config, inputShape, outputShape } = layer
  if (isFlattening(layer)) {
    const wasImage = inputShape.length > 1 && place.order === 'first' && !isSameEitherWay(inputShape)
    return { order: 'last', image: wasImage ? inputShape : place.image }
  }
  const { reshapes, after } = torchLayer(config)
  // If no value moves, a reshape makes at once what the next layer wants.
  if (reshapes) return { order: isSameEitherWay(outputShape) ? nextOrder(following) : 'last' }
  return after?.(place) ?? place
}
