/**
 * The messages of ONNX that a model of ours needs, by the field numbers of its schema.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

import { bytesField, type Encoded, fieldOfLength, floatField, integerField, lengthOf, message } from '../../../numerics/protobuf.ts'
import { sizeOf } from '../../../numerics/shape.ts'

/** Types of elements, by their numbers in `TensorProto.DataType`, and their size in bytes. */
const elementTypes = {
  float: { number: 1, bytes: 4 },
  int64: { number: 7, bytes: 8 },
  bool: { number: 9, bytes: 1 },
  double: { number: 11, bytes: 8 },
} as const

export type ElementType = keyof typeof elementTypes

/** A tensor that is part of a model; its values, little-endian and row-major, are read when their turn comes. */
export type Initializer = { name: string; type: ElementType; shape: readonly number[]; read: () => Promise<Uint8Array> }

/** An input or output: examples of this shape, any number of them. */
export type Value = { name: string; shape: readonly number[] }

/** Of a node: a whole number is an integer, unless it is said to be a float. */
export type Attribute = { float: number } | { integer: number } | { integers: readonly number[] }

export type OnnxNode = { op: string; inputs: readonly string[]; output: string; attributes: Record<string, Attribute> }

export type OnnxModel = {
  nodes: readonly OnnxNode[]
  initializers: readonly Initializer[]
  inputs: readonly Value[]
  outputs: readonly Value[]
  metadata: Record<string, string>
}

/** LayerNormalization came with this version; of 2022, so that tools of the last years read it. */
const opset = 17
const irVersion = 8

/** The file in chunks, one tensor at a time, and its length in bytes. */
export const encodeModel = ({ nodes, initializers, inputs, outputs, metadata }: OnnxModel): { length: number; chunks: Chunks } => {
  const before = message(
    integerField(1, irVersion),
    bytesField(2, 'Trainyard'),
    bytesField(8, message(bytesField(1, ''), integerField(2, opset))),
    ...Object.entries(metadata).map(([key, value]) => bytesField(14, message(bytesField(1, key), bytesField(2, value)))),
  )
  const graph = message(
    ...nodes.map((node) => bytesField(1, encodeNode(node))),
    bytesField(2, 'model'),
    ...inputs.map((input) => bytesField(11, encodeValue(input))),
    ...outputs.map((output) => bytesField(12, encodeValue(output))),
  )
  const tensors = initializers.map((initializer) => ({ read: initializer.read, ...headOf(initializer) }))
  const graphLength = tensors.reduce((sum, { head, bytes }) => sum + lengthOf(head) + bytes, lengthOf(graph))
  const head = message(before, fieldOfLength(7, graphLength), graph)
  async function* write(): Chunks {
    yield Buffer.concat(head)
    for (const tensor of tensors) {
      yield Buffer.concat(tensor.head)
      yield await tensor.read()
    }
  }
  return { length: lengthOf(before) + lengthOf(fieldOfLength(7, graphLength)) + graphLength, chunks: write() }
}

type Chunks = AsyncGenerator<Uint8Array>

/** All of an initializer that comes before its values, which are its last field. */
const headOf = ({ name, type, shape }: Initializer): { head: Encoded; bytes: number } => {
  const bytes = elementTypes[type].bytes * sizeOf(shape)
  const about = message(
    ...shape.map((size) => integerField(1, size)),
    integerField(2, elementTypes[type].number),
    bytesField(8, name),
    fieldOfLength(9, bytes),
  )
  return { head: message(fieldOfLength(5, lengthOf(about) + bytes), about), bytes }
}

const encodeNode = ({ op, inputs, output, attributes }: OnnxNode): Encoded =>
  message(
    ...inputs.map((input) => bytesField(1, input)),
    bytesField(2, output),
    bytesField(3, output),
    bytesField(4, op),
    ...Object.entries(attributes).map(([name, attribute]) => bytesField(5, encodeAttribute(name, attribute))),
  )

const encodeAttribute = (name: string, attribute: Attribute): Encoded => {
  const named = bytesField(1, name)
  if ('float' in attribute) return message(named, floatField(2, attribute.float), integerField(20, 1))
  if ('integer' in attribute) return message(named, integerField(3, attribute.integer), integerField(20, 2))
  return message(named, ...attribute.integers.map((integer) => integerField(8, integer)), integerField(20, 7))
}

const encodeValue = ({ name, shape }: Value): Encoded => {
  const sizes = [bytesField(2, 'rows'), ...shape.map((size) => integerField(1, size))]
  const tensor = message(integerField(1, elementTypes.float.number), bytesField(2, message(...sizes.map((size) => bytesField(1, size)))))
  return message(bytesField(1, name), bytesField(2, bytesField(1, tensor)))
}
