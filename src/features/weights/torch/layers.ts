/** What PyTorch makes of each of our layers. */
import type { LayerConfig, LayerConfigOf, LayerType } from '../../../catalog/layers/all-layers.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import type { Order } from './axes.ts'
import { activationCode } from './module-code.ts'
import {
  averagePoolingModules,
  batchNormModules,
  convolutionModules,
  denseModules,
  embeddingModules,
  layerNormModules,
  maxPoolingModules,
  type Place,
  plain,
  reshapeModules,
  type TorchModule,
} from './torch-modules.ts'

type TorchLayer<Config extends LayerConfig = LayerConfig> = {
  /** In which order it takes the axes of an example of two or more; undefined if either will do. */
  takes(config: Config, inputShape: readonly number[]): Order | undefined
  /** Whether it leaves every value in its place, so that what follows decides about the order. */
  keepsPlaces?(inputShape: readonly number[]): boolean
  /** Whether the rows of its weight can move, so that it takes the values of an image in any order. */
  movesRows?: boolean
  /** Whether it does nothing but give an example another shape. */
  reshapes?: boolean
  /** The place of what follows; the same unless said. */
  after?(place: Place): Place
  /** Its modules, in order, with those of its activation; `after` is the place of what follows. */
  modules(config: Config, layer: LayerPlan, place: Place, after: Place): TorchModule[]
}

const convolution: TorchLayer<LayerConfigOf<'conv1d' | 'conv2d' | 'conv3d'>> = { takes: first, modules: convolutionModules }
const maxPooling: TorchLayer<LayerConfigOf<'maxPool1d' | 'maxPool2d' | 'maxPool3d'>> = { takes: first, modules: maxPoolingModules }
const averagePooling: TorchLayer<LayerConfigOf<'avgPool1d' | 'avgPool2d' | 'avgPool3d'>> = { takes: first, modules: averagePoolingModules }

const torchLayers = {
  dense: { takes: last, movesRows: true, after: ({ order }) => ({ order }), modules: denseModules },
  activation: {
    takes: either,
    keepsPlaces: () => true,
    modules: ({ activation }, { outputShape }, { order }) => [plain(activationCode(activation, { order, rank: outputShape.length }))],
  },
  conv1d: convolution,
  conv2d: convolution,
  conv3d: convolution,
  maxPool1d: maxPooling,
  maxPool2d: maxPooling,
  maxPool3d: maxPooling,
  avgPool1d: averagePooling,
  avgPool2d: averagePooling,
  avgPool3d: averagePooling,
  flatten: { takes: last, reshapes: true, modules: reshapeModules },
  reshape: { takes: last, reshapes: true, modules: reshapeModules },
  dropout: { takes: either, keepsPlaces: () => true, modules: ({ p }) => [plain(`Dropout(${p})`)] },
  batchNorm: { takes: first, keepsPlaces: isFlat, modules: batchNormModules },
  layerNorm: {
    // Over all of an example the order does not matter.
    takes: ({ normalizedShape = [1] }, inputShape) => (normalizedShape.length === inputShape.length ? undefined : 'last'),
    keepsPlaces: isFlat,
    modules: layerNormModules,
  },
  embedding: { takes: last, after: () => ({ order: 'last' }), modules: embeddingModules },
} satisfies { [Type in LayerType]: TorchLayer<LayerConfigOf<Type>> }

/** What is known of a layer of this type; give it configs of its own type alone. */
export const torchLayer = ({ type }: LayerConfig): TorchLayer => torchLayers[type]

function first(): Order {
  return 'first'
}

function last(): Order {
  return 'last'
}

function either(): undefined {
  return undefined
}

function isFlat(inputShape: readonly number[]): boolean {
  return inputShape.length === 1
}
