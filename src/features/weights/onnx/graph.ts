/** A graph of ONNX while it is put together: nodes in order, constants, and weights out of the job. */
import { present } from '../../../numerics/must.ts'
import { transpose } from '../torch/transpose.ts'
import { toBytes, toFloats, type WeightTensor } from '../weight-tensor.ts'
import type { Attribute, ElementType, Initializer, OnnxNode } from './messages.ts'

/** Values in a graph are known by their names. */
export type OnnxGraph = {
  /** Adds an operation; gives the name of its output. */
  add: (op: string, inputs: readonly string[], attributes?: Record<string, Attribute>) => string
  /** A tensor that is known beforehand; of one axis unless a shape is given. */
  constant: (type: ElementType, values: readonly number[], shape?: readonly number[]) => string
  /** A weight of the job, its axes in this order if one is given. @throws Error if there is none of that name */
  weight: (name: string, axes?: readonly number[]) => string
  nodes: readonly OnnxNode[]
  initializers: readonly Initializer[]
}

export const createOnnxGraph = (weights: readonly WeightTensor[]): OnnxGraph => {
  const ours = new Map(weights.map((weight) => [weight.name, weight]))
  const nodes: OnnxNode[] = []
  const initializers = new Map<string, Initializer>()
  const keep = (initializer: Initializer): string => {
    initializers.set(initializer.name, initializer)
    return initializer.name
  }
  return {
    nodes,
    get initializers() {
      return [...initializers.values()]
    },
    add(op, inputs, attributes = {}) {
      const output = `${op}.${nodes.length}`
      nodes.push({ op, inputs, output, attributes })
      return output
    },
    constant: (type, values, shape = [values.length]) =>
      keep({ name: `constant.${initializers.size}`, type, shape, read: async () => arrays[type](values) }),
    weight(name, axes) {
      const weight = ours.get(name)
      if (!weight) throw new Error(`there is no weight ${name}`)
      const { shape, read } = weight
      if (!axes) return keep({ name, type: 'float', shape, read })
      return keep({
        name,
        type: 'float',
        shape: axes.map((axis) => present(shape[axis])),
        read: async () => toBytes(transpose(toFloats(await read()), shape, axes)),
      })
    },
  }
}

/** An example in another shape; the number of examples stays. */
export const reshaped = (graph: OnnxGraph, input: string, shape: readonly number[]): string =>
  graph.add('Reshape', [input, graph.constant('int64', [0, ...shape])])

/** What `compute` makes of examples whose channels are first, where operations of ONNX want them; ours are last. */
export const channelsFirst = (graph: OnnxGraph, input: string, shape: readonly number[], compute: (moved: string) => string): string => {
  if (shape.length === 1) return compute(input)
  const spatial = shape.slice(1).map((_, axis) => axis)
  const first = { perm: { integers: [0, shape.length, ...spatial.map((axis) => axis + 1)] } }
  const last = { perm: { integers: [0, ...spatial.map((axis) => axis + 2), 1] } }
  return graph.add('Transpose', [compute(graph.add('Transpose', [input], first))], last)
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)

const arrays: Record<ElementType, (values: readonly number[]) => Uint8Array> = {
  float: (values) => bytesOf(Float32Array.from(values)),
  double: (values) => bytesOf(Float64Array.from(values)),
  int64: (values) => bytesOf(BigInt64Array.from(values, BigInt)),
  bool: (values) => Uint8Array.from(values),
}
