import { type ByType, callByType } from '../../../catalog/by-type.ts'
import type { LayerConfig } from '../../../catalog/layers/all-layers.ts'
import { epsilonOf } from '../../../catalog/layers/norm-parameters.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import { lastOf } from '../../../numerics/must.ts'
import { sizeOf } from '../../../numerics/shape.ts'
import { onnxActivation } from './activations.ts'
import { channelsFirst, type OnnxGraph, reshaped } from './graph.ts'
import { averagePooling, convolution, maxPooling } from './windows.ts'

/** What a layer computes in evaluation mode. Between layers channels are last, as ours are. */
export const onnxLayer = (graph: OnnxGraph, layer: LayerPlan, input: string): string =>
  callByType(onnxLayers, layer.config, graph, layer, input)

const inOtherShape = (_config: unknown, graph: OnnxGraph, { outputShape }: LayerPlan, input: string): string =>
  reshaped(graph, input, outputShape)

/** The weights of a normalization: ones and zeros if it learns none. */
const scaleAndShift = (graph: OnnxGraph, { index }: LayerPlan, isLearned: boolean, shape: readonly number[]): [string, string] => {
  if (isLearned) return [graph.weight(`layers.${index}.weight`), graph.weight(`layers.${index}.bias`)]
  const filled = (value: number): string => graph.constant('float', new Array<number>(sizeOf(shape)).fill(value), shape)
  return [filled(1), filled(0)]
}

const onnxLayers: ByType<LayerConfig, [graph: OnnxGraph, layer: LayerPlan, input: string], string> = {
  dense: ({ bias, activation }, graph, { index }, input) => {
    const product = graph.add('MatMul', [input, graph.weight(`layers.${index}.weight`)])
    return onnxActivation(graph, activation, bias ? graph.add('Add', [product, graph.weight(`layers.${index}.bias`)]) : product)
  },
  activation: ({ activation }, graph, _layer, input) => onnxActivation(graph, activation, input),
  conv1d: convolution,
  conv2d: convolution,
  conv3d: convolution,
  maxPool1d: maxPooling,
  maxPool2d: maxPooling,
  maxPool3d: maxPooling,
  avgPool1d: averagePooling,
  avgPool2d: averagePooling,
  avgPool3d: averagePooling,
  flatten: inOtherShape,
  reshape: inOtherShape,
  dropout: (_config, _graph, _layer, input) => input,
  batchNorm: (config, graph, layer, input) => {
    const { index, inputShape } = layer
    const statistics = ['runningMean', 'runningVariance'].map((name) => graph.weight(`layers.${index}.${name}`))
    const affine = scaleAndShift(graph, layer, config.affine, [lastOf(inputShape)])
    return channelsFirst(graph, input, inputShape, (moved) =>
      graph.add('BatchNormalization', [moved, ...affine, ...statistics], { epsilon: { float: epsilonOf(config) } }),
    )
  },
  layerNorm: (config, graph, layer, input) => {
    const shape = layer.inputShape.slice(-(config.normalizedShape?.length ?? 1))
    const affine = scaleAndShift(graph, layer, config.elementwiseAffine, shape)
    return graph.add('LayerNormalization', [input, ...affine], {
      axis: { integer: -shape.length },
      epsilon: { float: epsilonOf(config) },
    })
  },
  embedding: (_config, graph, { index }, input) => {
    // Attribute `to` is the number of int64.
    const indices = graph.add('Cast', [input], { to: { integer: 7 } })
    return graph.add('Gather', [graph.weight(`layers.${index}.weight`), indices])
  },
}
