/**
 * A plan is a validated job config with every default filled in and every shape resolved: all that an engine
 * needs to know about a job besides its data. It is a pure function of the config and the dataset's description,
 * so it is never stored.
 */

import type { JobConfig } from '../api/job-config.schema.ts'
import type { InitializerConfig } from '../catalog/initializers.ts'
import type { LayerConfig } from '../catalog/layers/all-layers.ts'
import type { LayerBuffer } from '../catalog/layers/layer.ts'

/** One weight tensor of a model. Dense weights are `[in, out]`, convolutions `[...kernel, in, out]`. */
export type ParameterPlan = {
  /** `layers.{index}.{weight|bias}` */
  name: string
  shape: number[]
  /** Inputs that feed one unit, and units fed by one input: what Xavier, Kaiming and PyTorch's defaults scale by. */
  fanIn: number
  fanOut: number
  initializer: InitializerConfig
}

/** One layer with its shapes, both of one example, without the batch axis. */
export type LayerPlan = {
  /** Position in `model.layers`. */
  index: number
  config: LayerConfig
  inputShape: number[]
  outputShape: number[]
  parameters: ParameterPlan[]
  /** Tensors that training updates without a gradient, such as running means; by short name. */
  buffers: LayerBuffer[]
}

/** What is done with a column's values: nothing, (x - mean) / std over the training rows, or an input per whole number from `lowest` on. */
export type ColumnTransform = { kind: 'keep' } | { kind: 'standardize' } | { kind: 'oneHot'; lowest: number; count: number }

/** How the columns of a dataset become model inputs and labels. */
export type DataPlan = {
  /** Positions of feature columns in a stored row; two groups for a loss with two inputs. */
  featureColumns: number[][]
  labelColumns: number[]
  /** Of each column of each group; absent if all are kept. */
  transforms?: ColumnTransform[][]
  /** Shape of one example's features after the transforms, and of one example's target as the loss takes it: empty for a class index. */
  inputShape: number[]
  labelShape: number[]
  rows: number
  /** If the rows held back are a dataset of their own: its columns, in the order of those above. */
  validation?: { featureColumns: number[][]; labelColumns: number[]; rows: number }
}

/** What the engine trains. */
export type Plan = {
  config: JobConfig
  data: DataPlan
  layers: LayerPlan[]
  /** All parameters in order of layers, weight before bias. */
  parameters: ParameterPlan[]
  parameterCount: number
  /** Shape of one example's output. */
  outputShape: number[]
  trainingRows: number
  validationRows: number
  stepsPerEpoch: number
  /** Bytes that training is expected to hold: data, weights, optimizer slots, activations of a mini-batch. */
  memoryBytes: number
}
