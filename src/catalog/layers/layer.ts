/** What a layer of the catalog is: its options, the shapes it makes of its input's, and its formula. */
import type { Static, TObject, TProperties } from 'typebox'
import type { Definition } from '../definition.ts'
import type { InitializerConfig } from '../initializers.ts'
import type { Tensor, Tensors } from '../ops.ts'
import type { LayerOps } from './layer-ops.ts'

/** A weight tensor of a layer. Dense weights are `[in, out]`, convolutions `[...kernel, in, out]`. */
export type LayerParameter = {
  name: 'weight' | 'bias'
  shape: number[]
  fanIn: number
  fanOut: number
  initializer: InitializerConfig
}

/** A tensor that training updates without a gradient, such as a running mean. */
export type LayerBuffer = { name: string; shape: number[]; initial: number }

/** What a layer makes of one example of shape `inputShape`. */
export type InferredLayer = {
  outputShape: number[]
  parameters: LayerParameter[]
  buffers: LayerBuffer[]
}

/** Why a layer cannot take its input: `got` and `expected` name the shapes; `option` is the option at fault, if one is. */
export type LayerError = { expected: string; got: string; option?: string }

/** One call of a layer. Shapes have the batch axis in front. */
export type LayerCall<Options> = {
  options: Options
  input: Tensor
  /** By short name: weight, bias. */
  parameters: Tensors
  buffers: Tensors
  training: boolean
  /** For dropout in training: what each value is multiplied with, zero or 1 / (1 - p). */
  mask?: Tensor
}

/** The output, and buffers if training changed them. */
export type LayerAnswer = { output: Tensor; buffers?: Tensors }

/** A linear map that a layer is; `isAffine` if no activation bends it. */
export type LinearMap = { units: number; bias: boolean; isAffine: boolean }

export type LayerDefinition<Options = never> = Definition & {
  infer: (options: Options, inputShape: number[]) => InferredLayer | LayerError
  forward: (ops: LayerOps, call: LayerCall<Options>) => LayerAnswer
  /** Share of values that training sets to zero; a layer that has it gets a mask. */
  dropped?: (options: Options) => number
  /** How many rows it needs in every mini-batch of training, and for what, if one is not enough. */
  minRows?: (inputShape: readonly number[]) => { rows: number; because: string } | undefined
  /** If it is a linear map of the last axis, with a bias or not, under its activation. */
  linearMap?: (options: Options) => LinearMap
  /** How many indices, from 0, its inputs are of; a layer without it takes any numbers. */
  indices?: (options: Options) => number
  /** Whether its outputs are indices if its inputs are; no unless said. */
  keepsIndices?: (options: Options) => boolean
}

/** An entry whose `infer` and `forward` know the types of its options. */
export const defineLayer = <Type extends string, Properties extends TProperties>(
  definition: Omit<Definition<Properties>, 'type'> & { type: Type } & Pick<
      LayerDefinition<Static<TObject<Properties>>>,
      'infer' | 'forward' | 'dropped' | 'minRows' | 'linearMap' | 'indices' | 'keepsIndices'
    >,
) => definition

/** True for a validation error, false for shapes. */
export const isLayerError = (inferred: InferredLayer | LayerError): inferred is LayerError => 'expected' in inferred
