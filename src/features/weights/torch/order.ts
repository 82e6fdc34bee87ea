/**
 * In which order PyTorch has the axes of an example as it goes through the layers. Convolutions, pooling and batchNorm
 * take channels first there, linear maps and embeddings last, while ours are always last.
 */
import { sizeOf } from '../../../catalog/layers/layer.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'

export type Order = 'first' | 'last'

/** Layers that leave every value in its place, so that what follows them decides about the order. */
const isElementwise = ({ config, inputShape }: LayerPlan): boolean =>
  config.type === 'activation' ||
  config.type === 'dropout' ||
  (inputShape.length === 1 && (config.type === 'batchNorm' || config.type === 'layerNorm'))

/** A flatten takes an image as it comes where a linear map follows, whose rows can move; else the flat values keep our order. */
const orderBeforeFlatten = ({ inputShape }: LayerPlan, following: readonly LayerPlan[]): Order | undefined => {
  const next = following.find((layer) => !isElementwise(layer) && !isFlattening(layer))
  return next?.config.type === 'dense' || isSameEitherWay(inputShape) ? undefined : 'last'
}

/** True for a layer that makes each example one flat axis. */
export const isFlattening = ({ config, outputShape }: LayerPlan): boolean =>
  config.type === 'flatten' || (config.type === 'reshape' && outputShape.length === 1)

const normalizesAll = ({ config, inputShape }: LayerPlan): boolean =>
  config.type === 'layerNorm' && (config.normalizedShape?.length ?? 1) === inputShape.length

/** The order in which PyTorch's module takes its input; undefined where either will do. */
export const wantedOrder = (layer: LayerPlan, following: readonly LayerPlan[]): Order | undefined => {
  const { config, inputShape } = layer
  if (inputShape.length < 2) return undefined
  if (isFlattening(layer)) return orderBeforeFlatten(layer, following)
  if (config.type === 'activation' || config.type === 'dropout' || normalizesAll(layer)) return undefined
  return ['dense', 'embedding', 'reshape', 'layerNorm'].includes(config.type) ? 'last' : 'first'
}

/** The order that the next layer which minds asks for; images have their channels first where nobody minds. */
export const nextOrder = (layers: readonly LayerPlan[]): Order => {
  for (const [at, layer] of layers.entries()) {
    const wanted = wantedOrder(layer, layers.slice(at + 1))
    if (wanted) return wanted
    if (isFlattening(layer)) break
  }
  return 'first'
}

/** A shape of ours with its channels first. */
export const channelsFirst = (shape: readonly number[]): number[] => [...shape.slice(-1), ...shape.slice(0, -1)]

/** True where moving the channels moves no value. */
export const isSameEitherWay = (shape: readonly number[]): boolean => shape.at(-1) === 1 || sizeOf(shape.slice(0, -1)) === 1
