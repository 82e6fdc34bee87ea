/** Convolutions and pooling as operations of ONNX. */
import type { LayerConfigOf } from '../../../catalog/layers/all-layers.ts'
import type { WindowGeometry } from '../../../catalog/layers/layer-ops.ts'
import { geometryOf, type WindowOptions } from '../../../catalog/layers/window.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import { onnxActivation } from './activations.ts'
import { channelsFirst, type OnnxGraph } from './graph.ts'
import type { Attribute } from './messages.ts'

/** The kernel `[...window, in, out]` becomes `[out, in, ...window]`. */
export const convolution = (
  config: LayerConfigOf<'conv1d' | 'conv2d' | 'conv3d'>,
  graph: OnnxGraph,
  { index, inputShape }: LayerPlan,
  input: string,
): string => {
  const geometry = geometryOf({ ...config, window: config.kernelSize }, inputShape.slice(0, -1))
  const spatial = geometry.window.map((_, axis) => axis)
  const kernel = graph.weight(`layers.${index}.weight`, [spatial.length + 1, spatial.length, ...spatial])
  const weights = config.bias ? [kernel, graph.weight(`layers.${index}.bias`)] : [kernel]
  const convolved = channelsFirst(graph, input, inputShape, (moved) =>
    graph.add('Conv', [moved, ...weights], { ...windowAttributes(geometry), dilations: { integers: geometry.dilation } }),
  )
  return onnxActivation(graph, config.activation, convolved)
}

type Pooling = { poolSize: number | number[]; strides?: number | number[]; padding: WindowOptions['padding'] }

const pooling =
  (op: string, attributes: Record<string, Attribute>) =>
  ({ poolSize, strides = poolSize, padding }: Pooling, graph: OnnxGraph, { inputShape }: LayerPlan, input: string): string => {
    const geometry = geometryOf({ window: poolSize, strides, padding }, inputShape.slice(0, -1))
    return channelsFirst(graph, input, inputShape, (moved) => graph.add(op, [moved], { ...windowAttributes(geometry), ...attributes }))
  }

/** Padding never wins a maximum. */
export const maxPooling = pooling('MaxPool', {})

/** Padding counts as zeros in a mean. */
export const averagePooling = pooling('AveragePool', { count_include_pad: { integer: 1 } })

/** ONNX lists the padding before every axis, then that behind every axis. */
const windowAttributes = ({ window, strides, padding }: WindowGeometry): Record<string, Attribute> => ({
  kernel_shape: { integers: window },
  strides: { integers: strides },
  pads: { integers: [...padding.map(([before]) => before), ...padding.map(([, after]) => after)] },
})
