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

/** What takes the place of a missing cell: a value of the column over the training rows, or one that was given. */
export type Fill = { by: 'mean' | 'median' | 'mostFrequent' } | { value: number }

/** How a column is put on another scale: (x - mean) / std, (x - min) / (max - min), (x - median) / (q75 - q25), or not at all. */
export type Scaling = 'keep' | 'standardize' | 'minMax' | 'robust'

/**
 * What becomes of a column's values: one input, scaled, or an input per whole number from `lowest` on. Before that missing
 * cells are filled, and with `indicator` a further input, behind those of all columns, is 1 where one was missing.
 */
export type ColumnTransform = ({ kind: Scaling } | { kind: 'oneHot'; lowest: number; count: number }) & { fill?: Fill; indicator?: true }

/** One of `count` parts of the rows, counted from 0, each of which is held back once; `fraction` is then the share of one. */
export type Fold = { index: number; count: number }

/** Which rows are left out, and which of the others are held back; `column` is the position of the one that decides. */
export type RowRule = {
  /** Columns without a value in which a row is left out. */
  required: number[]
  split: { fraction: number; fold?: Fold } & ({ by: 'random' | 'order' } | { by: 'label' | 'group'; column: number })
  seed: number
}

/** How the rows of a table, and of the second one if it is the validation data, come to be used. */
export type RowCounts = { training: number; validation: number; dropped: number }

/** How the columns of a dataset become model inputs and labels. */
export type DataPlan = {
  /** Positions of feature columns in a stored row; two groups for a loss with two inputs. */
  featureColumns: number[][]
  labelColumns: number[]
  /** Of each column of each group; absent if all are kept. */
  transforms?: ColumnTransform[][]
  /** Set if labels are trained as (y - mean) / std; outputs, losses and metrics are told in the units of the labels. */
  standardizesLabels?: true
  /** Of each label whether its 0 and 1, a no and a yes, are trained as the -1 and 1 that the loss wants; absent if none are. */
  signedLabels?: boolean[]
  /** Shape of one example's features after the transforms, and of one example's target as the loss takes it: empty for a class index. */
  inputShape: number[]
  labelShape: number[]
  /** Rows of the table, and what each of them is for. */
  rows: number
  rowRule: RowRule
  /** If the rows held back are a dataset of their own: its columns, in the order of those above. */
  validation?: { featureColumns: number[][]; labelColumns: number[]; rows: number; rowRule: RowRule }
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
  /** Rows that are not used, since what they must have is missing. */
  droppedRows: number
  stepsPerEpoch: number
  /** Bytes that training is expected to hold: data, weights, optimizer slots, activations of a mini-batch. */
  memoryBytes: number
}
