/** What operations of a traced step may be replaced by, without changing its numbers: each row is a pattern and its result. */
import { sizeOf } from '../../../src/numerics/shape.ts'
import type { OpAttribute } from '../backends/native/binding.ts'
import type { TracedConstant, TracedOperation } from './trace.ts'

/** A tensor that an operation reads: its values if they are known beforehand, and the operation that makes it, if one does. */
export type Value = {
  id: number
  shape: readonly number[]
  constant: TracedConstant['values'] | undefined
  madeBy: () => Node | undefined
}

/** An operation, and the shape of its first output. */
export type Node = {
  op: string
  attributes: readonly OpAttribute[]
  inputs: readonly number[]
  shape: readonly number[]
  /** What it reads at a position. */
  operand: (position: number) => Value
}

/** Nothing, or that the output is some other tensor, or what of the operation becomes another. */
type Result = false | undefined | { value: Value } | { node: Partial<Pick<TracedOperation, 'op' | 'attributes' | 'inputs'>> }

/** A row of the table: for operations of these names, what a match becomes. */
export type Rewrite = { ops: readonly string[]; to: (node: Node) => Result }

/** Helpers of the rows: what a pattern asks for. */
const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

const isAll = ({ constant }: Value, number: number): boolean =>
  constant !== undefined && constant.length > 0 && constant.every((each) => each === number)

const attribute = ({ attributes }: Node, name: string): unknown => attributes.find((each) => each.name === name)?.value

const withAttribute = (attributes: readonly OpAttribute[], name: string, value: unknown): OpAttribute[] =>
  attributes.map((each) => (each.name === name ? { ...each, value } : each))

/** The operation with another input at a position. */
const reading = ({ inputs }: Node, position: number, { id }: Value): { inputs: number[] } => ({
  inputs: inputs.map((each, place) => (place === position ? id : each)),
})

/** x ∘ c -> x, where c is a constant of nothing but the neutral number. */
const neutral = (ops: readonly string[], number: number, position: 0 | 1): Rewrite => ({
  ops,
  to: ({ operand, shape }) => {
    const x = operand(1 - position)
    return isAll(operand(position), number) && sameShape(x.shape, shape) && { value: x }
  },
})

/** matMul(transpose(a), b) -> matMul(a, b), which reads that side transposed. */
const transposedSide = (position: 0 | 1, side: string): Rewrite => ({
  ops: ['MatMul', 'SparseMatMul'],
  to: (node) => {
    const before = node.operand(position).madeBy()
    if (before?.op !== 'Transpose' || before.operand(1).constant?.join() !== '1,0') return false
    const attributes = withAttribute(node.attributes, side, !attribute(node, side))
    return { node: { ...reading(node, position, before.operand(0)), attributes } }
  },
})

/** x ∘ broadcast(one) -> x ∘ one: a product or sum broadcasts by itself. */
const broadcastSide = (position: 0 | 1): Rewrite => ({
  ops: ['Mul', 'Add', 'AddV2', 'Sub', 'RealDiv', 'Div'],
  to: (node) => {
    const before = node.operand(position).madeBy()
    if (!before || !['BroadcastTo', 'Tile', 'Fill'].includes(before.op)) return false
    // Fill takes its shape first and its value second.
    const one = before.operand(before.op === 'Fill' ? 1 : 0)
    const x = node.operand(1 - position)
    const spreadsOne = one.shape.every((size) => size === 1) && one.shape.length <= x.shape.length
    return spreadsOne && sameShape(x.shape, node.shape) && { node: reading(node, position, one) }
  },
})

const reshapes = ['Reshape', 'ExpandDims', 'Squeeze']

/** Rewrites that help on every device, in the order in which they are tried. */
const everywhere: readonly Rewrite[] = [
  // reshape(x, shape of x) -> x
  { ops: [...reshapes, 'BroadcastTo', 'Tile'], to: ({ operand, shape }) => sameShape(operand(0).shape, shape) && { value: operand(0) } },
  // cast(x, type of x) -> x
  { ops: ['Cast'], to: (node) => attribute(node, 'SrcT') === attribute(node, 'DstT') && { value: node.operand(0) } },
  // identity(x) -> x
  { ops: ['Identity'], to: ({ operand }) => ({ value: operand(0) }) },
  // transpose(x, [0, 1, …]) -> x
  { ops: ['Transpose'], to: ({ operand }) => operand(1).constant?.every((axis, at) => axis === at) && { value: operand(0) } },
  // sum(x, []) -> x
  { ops: ['Sum'], to: ({ operand }) => operand(0).shape.length > 0 && operand(1).constant?.length === 0 && { value: operand(0) } },
  // x + 0 -> x
  neutral(['Add', 'AddV2'], 0, 1),
  // 0 + x -> x
  neutral(['Add', 'AddV2'], 0, 0),
  // x - 0 -> x
  neutral(['Sub'], 0, 1),
  // x * 1 -> x
  neutral(['Mul'], 1, 1),
  // 1 * x -> x
  neutral(['Mul'], 1, 0),
  // x / 1 -> x
  neutral(['Div', 'RealDiv'], 1, 1),
  // reshape(reshape(x, …), shape of x) -> x, and reshape(reshape(x, …), shape) -> reshape(x, shape)
  {
    ops: ['Reshape'],
    to: (node) => {
      const before = node.operand(0).madeBy()
      if (!before || !reshapes.includes(before.op)) return false
      const x = before.operand(0)
      return sameShape(x.shape, node.shape) ? { value: x } : { node: reading(node, 0, x) }
    },
  },
  // transpose(transpose(x, inner), outer) -> x, if outer undoes inner
  {
    ops: ['Transpose'],
    to: ({ operand }) => {
      const before = operand(0).madeBy()
      if (before?.op !== 'Transpose') return false
      const [outer, inner] = [operand(1).constant, before.operand(1).constant]
      return outer && inner && [...outer].every((axis, at) => inner[axis] === at) && { value: before.operand(0) }
    },
  },
  // batchMatMul(a, b) -> matMul(a, b), for matrices
  {
    ops: ['BatchMatMulV2'],
    to: ({ operand, attributes }) => {
      const names: Record<string, string> = { adj_x: 'transpose_a', adj_y: 'transpose_b' }
      const areMatrices = operand(0).shape.length === 2 && operand(1).shape.length === 2
      return (
        areMatrices && { node: { op: 'MatMul', attributes: attributes.map((each) => ({ ...each, name: names[each.name] ?? each.name })) } }
      )
    },
  },
  // matMul(transpose(a), b) -> matMul(a, b, transpose_a)
  transposedSide(0, 'transpose_a'),
  // matMul(a, transpose(b)) -> matMul(a, b, transpose_b)
  transposedSide(1, 'transpose_b'),
  // broadcast(one) ∘ x -> one ∘ x
  broadcastSide(0),
  // x ∘ broadcast(one) -> x ∘ one
  broadcastSide(1),
]

/** Multiplications from which on oneDNN's faster product makes up for its five microseconds a call: docs/benchmarks.md. */
const minForOneDnn = 16_384

/**
 * TensorFlow hands every MatMul on the CPU to oneDNN, which costs more than a small product itself. SparseMatMul that is
 * told of no sparse side is Eigen's product of dense matrices, and stays with TensorFlow.
 */
const onCpu: readonly Rewrite[] = [
  // matMul(a, b) -> sparseMatMul(a, b), for small matrices
  {
    ops: ['MatMul'],
    to: (node) => {
      const shared = node.operand(0).shape[attribute(node, 'transpose_a') ? 0 : 1]
      const type = node.attributes.find(({ name }) => name === 'T')
      if (shared === undefined || !type || sizeOf(node.shape) * shared >= minForOneDnn) return false
      const sides = node.attributes.filter(({ name }) => name.startsWith('transpose'))
      return { node: { op: 'SparseMatMul', attributes: [...sides, { ...type, name: 'Ta' }, { ...type, name: 'Tb' }] } }
    },
  },
]

/** The table of each kind of device. */
export const rewritesOf = { cpu: [...everywhere, ...onCpu], gpu: everywhere } satisfies Record<string, readonly Rewrite[]>
