/** Every layer by its type. */
import { type ConfigOfAny, schemaFamily } from '../definition.ts'
import { activation } from './activation.ts'
import { batchNorm } from './batch-norm.ts'
import { convolution } from './convolution.ts'
import { dense } from './dense.ts'
import { dropout } from './dropout.ts'
import { embedding } from './embedding.ts'
import { flatten } from './flatten.ts'
import type { LayerDefinition } from './layer.ts'
import { layerNorm } from './layer-norm.ts'
import { pooling } from './pooling.ts'
import { reshape } from './reshape.ts'

const maxPool = 'The largest value of each window, channels last.'
const avgPool = 'The mean of each window, channels last; padding counts as zeros.'

export const layerCatalog = {
  dense,
  activation,
  conv1d: convolution('conv1d', 1),
  conv2d: convolution('conv2d', 2),
  conv3d: convolution('conv3d', 3),
  maxPool1d: pooling('maxPool1d', 1, maxPool, 'torch.nn.MaxPool1d', 'maxPool'),
  maxPool2d: pooling('maxPool2d', 2, maxPool, 'torch.nn.MaxPool2d', 'maxPool'),
  maxPool3d: pooling('maxPool3d', 3, maxPool, 'torch.nn.MaxPool3d', 'maxPool'),
  avgPool1d: pooling('avgPool1d', 1, avgPool, 'torch.nn.AvgPool1d', 'averagePool'),
  avgPool2d: pooling('avgPool2d', 2, avgPool, 'torch.nn.AvgPool2d', 'averagePool'),
  avgPool3d: pooling('avgPool3d', 3, avgPool, 'torch.nn.AvgPool3d', 'averagePool'),
  flatten,
  reshape,
  dropout,
  batchNorm,
  layerNorm,
  embedding,
}

export type LayerType = keyof typeof layerCatalog

/** A layer's config, every default filled in. */
export type LayerConfig = ConfigOfAny<typeof layerCatalog>

/** The config of one type, or of some. */
export type LayerConfigOf<Type extends LayerType> = Extract<LayerConfig, { type: Type }>

export const layerFamily = schemaFamily('Layer', layerCatalog, { description: 'One layer of a model.' })

/** The entry of a layer's type, its options' type forgotten: give it configs of its own type alone. */
export const layerDefinition = (config: LayerConfig) => layerCatalog[config.type] as unknown as LayerDefinition<LayerConfig>
