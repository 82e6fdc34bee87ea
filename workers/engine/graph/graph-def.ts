/**
 * Writes TensorFlow graphs: nodes with attributes, and the SavedModel around them that the binding can load.
 * @see tensorflow/core/framework/{graph,node_def,attr_value,tensor,types}.proto
 */
import { bytesField, type Encoded, floatField, integerField, message, toBytes } from '../../../src/numerics/protobuf.ts'

/** TensorFlow's numbers for its types. */
export const types = { float32: 1, float64: 2, int32: 3, int64: 9, bool: 10 } as const

/** A value an attribute may have, tagged by its kind. */
export type Attribute =
  | { string: string }
  | { integer: number }
  | { float: number }
  | { boolean: boolean }
  | { type: number }
  | { shape: readonly number[] }
  | { integers: readonly number[] }
  | { tensor: { type: number; shape: readonly number[]; bytes: Uint8Array } }

export type Attributes = Record<string, Attribute>

/** `name`, `name:output` or, for an order without a value, `^name`. */
export type NodeInput = string

/** Graphs of this version are understood by TensorFlow 2.9 and later: it only rejects producers that are too old. */
const producer = 1087

/** Collects a graph's nodes. Names must be unique; each function returns the name of the node's first output. */
export const createGraphDef = () => {
  const nodes: Encoded[] = []

  const node = (name: string, op: string, inputs: readonly NodeInput[], attributes: Attributes = {}): string => {
    nodes.push(nodeMessage(name, op, inputs, attributes))
    return name
  }

  const constant = (name: string, type: number, shape: readonly number[], values: Float32Array | Int32Array | Uint8Array): string =>
    node(name, 'Const', [], { dtype: { type }, value: { tensor: { type, shape, bytes: bytesOf(values) } } })

  const int32 = (name: string, value: number): string => constant(name, types.int32, [], Int32Array.of(value))

  /** A value that each call feeds; -1 stands for a size that is not fixed. */
  const placeholder = (name: string, type: number, shape: readonly number[]): string =>
    node(name, 'Placeholder', [], { dtype: { type }, shape: { shape } })

  /** The graph as a SavedModel with tag `serve`. */
  const toSavedModel = (): Uint8Array => {
    const graph = message(...nodes, bytesField(4, integerField(1, producer)))
    const metaGraph = message(bytesField(1, bytesField(4, 'serve')), bytesField(2, graph))
    return toBytes(message(integerField(1, 1), bytesField(2, metaGraph)))
  }

  return { node, constant, int32, placeholder, toSavedModel }
}
export type GraphDef = ReturnType<typeof createGraphDef>

const shapeMessage = (shape: readonly number[]): Encoded => message(...shape.map((size) => bytesField(2, integerField(1, BigInt(size)))))

const attributeValue = (attribute: Attribute): Encoded => {
  if ('string' in attribute) return bytesField(2, attribute.string)
  if ('integer' in attribute) return integerField(3, BigInt(attribute.integer))
  if ('float' in attribute) return floatField(4, attribute.float)
  if ('boolean' in attribute) return integerField(5, attribute.boolean)
  if ('type' in attribute) return integerField(6, attribute.type)
  if ('shape' in attribute) return bytesField(7, shapeMessage(attribute.shape))
  if ('integers' in attribute) return bytesField(1, message(...attribute.integers.map((each) => integerField(3, BigInt(each)))))
  const { type, shape, bytes } = attribute.tensor
  return bytesField(8, message(integerField(1, type), bytesField(2, shapeMessage(shape)), bytesField(4, bytes)))
}

const nodeMessage = (name: string, op: string, inputs: readonly NodeInput[], attributes: Attributes): Encoded =>
  bytesField(
    1,
    message(
      bytesField(1, name),
      bytesField(2, op),
      ...inputs.map((input) => bytesField(3, input)),
      ...Object.entries(attributes).map(([key, value]) => bytesField(5, message(bytesField(1, key), bytesField(2, attributeValue(value))))),
    ),
  )

const bytesOf = (array: Float32Array | Int32Array | Uint8Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
