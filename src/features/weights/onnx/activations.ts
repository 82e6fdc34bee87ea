import type { ActivationConfig, ActivationType } from '../../../catalog/activations.ts'
import { type ByType, callByType } from '../../../catalog/by-type.ts'
import { filledActivation } from '../filled-activation.ts'
import type { OnnxGraph } from './graph.ts'

/** The value of an activation; the shape stays. */
export const onnxActivation = (graph: OnnxGraph, given: ActivationType | ActivationConfig, input: string): string =>
  callByType(activations, filledActivation(given), graph, input)

const operation =
  (op: string) =>
  (_config: unknown, graph: OnnxGraph, input: string): string =>
    graph.add(op, [input])

/** Each value times a number. */
const scaled = (graph: OnnxGraph, input: string, factor: number): string => graph.add('Mul', [input, graph.constant('float', [factor], [])])

const increased = (graph: OnnxGraph, input: string, by: number): string => graph.add('Add', [input, graph.constant('float', [by], [])])

const lastAxis = { axis: { integer: -1 } }

const activations: ByType<ActivationConfig, [graph: OnnxGraph, input: string], string> = {
  linear: (_config, _graph, input) => input,
  relu: operation('Relu'),
  leakyRelu: ({ negativeSlope }, graph, input) => graph.add('LeakyRelu', [input], { alpha: { float: negativeSlope } }),
  elu: ({ alpha }, graph, input) => graph.add('Elu', [input], { alpha: { float: alpha } }),
  selu: operation('Selu'),
  // An operation of its own is known from version 20 on alone.
  gelu: ({ approximate }, graph, input) => {
    const half = scaled(graph, input, 0.5)
    if (approximate === 'none') return graph.add('Mul', [half, increased(graph, graph.add('Erf', [scaled(graph, input, Math.SQRT1_2)]), 1)])
    const square = graph.add('Mul', [input, input])
    const cubic = graph.add('Mul', [input, increased(graph, scaled(graph, square, 0.044715), 1)])
    return graph.add('Mul', [half, increased(graph, graph.add('Tanh', [scaled(graph, cubic, Math.sqrt(2 / Math.PI))]), 1)])
  },
  silu: (_config, graph, input) => graph.add('Mul', [input, graph.add('Sigmoid', [input])]),
  softplus: ({ beta }, graph, input) => {
    if (beta === 1) return graph.add('Softplus', [input])
    return scaled(graph, graph.add('Softplus', [scaled(graph, input, beta)]), 1 / beta)
  },
  sigmoid: operation('Sigmoid'),
  tanh: operation('Tanh'),
  softmax: (_config, graph, input) => graph.add('Softmax', [input], lastAxis),
  logSoftmax: (_config, graph, input) => graph.add('LogSoftmax', [input], lastAxis),
}
