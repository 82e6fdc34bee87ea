/**
 * The order of axes that PyTorch's modules want of an example as it goes through the layers. Convolutions, pooling and
 * batchNorm take channels first there, linear maps and embeddings last, while ours are always last.
 */
import type { LayerPlan } from '../../../contracts/plan.ts'
import { isSameEitherWay, type Order } from './axes.ts'
import { torchLayer } from './layers.ts'

/** The order in which PyTorch's module takes its input; undefined if either will do. */
export const wantedOrder = (layer: LayerPlan, following: readonly LayerPlan[]): Order | undefined => {
  const { config, inputShape } = layer
  if (inputShape.length < 2) return undefined
  return isFlattening(layer) ? orderBeforeFlatten(layer, following) : torchLayer(config).takes(config, inputShape)
}

/** The order that the next layer which minds asks for; images have their channels first if nobody minds. */
export const nextOrder = (layers: readonly LayerPlan[]): Order => {
  for (const [at, layer] of layers.entries()) {
    const wanted = wantedOrder(layer, layers.slice(at + 1))
    if (wanted) return wanted
    if (isFlattening(layer)) break
  }
  return 'first'
}

/** True for a layer that makes each example one flat axis. */
export const isFlattening = ({ config, outputShape }: LayerPlan): boolean =>
  torchLayer(config).reshapes === true && outputShape.length === 1

/** A flatten takes an image as it comes if a linear map follows, whose rows can move; else the flat values keep our order. */
const orderBeforeFlatten = ({ inputShape }: LayerPlan, following: readonly LayerPlan[]): Order | undefined => {
  const next = following.find((layer) => !torchLayer(layer.config).keepsPlaces?.(layer.inputShape) && !isFlattening(layer))
  return (next && torchLayer(next.config).movesRows) || isSameEitherWay(inputShape) ? undefined : 'last'
}
