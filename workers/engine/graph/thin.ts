/**
 * Makes a traced step cheaper without changing its numbers: operations that only undo another or change nothing go, a
 * product of matrices becomes a plain MatMul, equal operations are done once, and what nothing needs is dropped.
 */
import type { OpAttribute } from '../backends/native/binding.ts'
import type { Trace, TracedConstant, TracedOperation, TracedTensor } from './trace.ts'

/** What a rule may do with one operation. */
type Verdict =
  | undefined
  /** The operation's only output is this tensor. */
  | { alias: number }
  | { replace: Partial<TracedOperation> }

type Context = {
  tensor: (id: number) => TracedTensor | undefined
  constant: (id: number) => TracedConstant | undefined
  producer: (id: number) => TracedOperation | undefined
}

type Rule = (operation: TracedOperation, context: Context) => Verdict

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

const attribute = (operation: TracedOperation, name: string): unknown => operation.attributes.find((each) => each.name === name)?.value

const withAttribute = (attributes: readonly OpAttribute[], name: string, value: unknown): OpAttribute[] =>
  attributes.map((each) => (each.name === name ? { ...each, value } : each))

const input = (operation: TracedOperation, position: number): number => operation.inputs[position] as number
const output = (operation: TracedOperation): TracedTensor => operation.outputs[0] as TracedTensor

const allEqual = (constant: TracedConstant | undefined, value: number): boolean =>
  constant !== undefined && constant.values.length > 0 && constant.values.every((each) => each === value)

/** Reshape, cast, transpose and expansion to what the tensor already is. */
const dropChangesOfNothing: Rule = (operation, { tensor, constant }) => {
  const source = tensor(input(operation, 0))
  if (!source) return undefined
  const { op } = operation
  if (['Reshape', 'ExpandDims', 'Squeeze', 'BroadcastTo', 'Tile'].includes(op) && sameShape(source.shape, output(operation).shape))
    return { alias: source.id }
  if (op === 'Cast' && attribute(operation, 'SrcT') === attribute(operation, 'DstT')) return { alias: source.id }
  if (op === 'Identity') return { alias: source.id }
  if (op === 'Transpose' && constant(input(operation, 1))?.values.every((axis, position) => axis === position)) return { alias: source.id }
  if (op === 'Sum' && source.shape.length > 0 && constant(input(operation, 1))?.values.length === 0) return { alias: source.id }
  return undefined
}

/** x + 0, x − 0, x · 1, x / 1. */
const dropNeutralOperands: Rule = (operation, { tensor, constant }) => {
  const neutral = { Add: 0, AddV2: 0, Sub: 0, Mul: 1, Div: 1, RealDiv: 1 }[operation.op]
  if (neutral === undefined) return undefined
  const positions = ['Sub', 'Div', 'RealDiv'].includes(operation.op) ? [1] : [1, 0]
  for (const position of positions) {
    const other = tensor(input(operation, 1 - position))
    if (other && allEqual(constant(input(operation, position)), neutral) && sameShape(other.shape, output(operation).shape))
      return { alias: other.id }
  }
  return undefined
}

/** Only the last of several reshapes counts, and two opposite transpositions cancel. */
const mergeChains: Rule = (operation, { tensor, constant, producer }) => {
  const before = producer(input(operation, 0))
  if (!before) return undefined
  if (operation.op === 'Reshape' && ['Reshape', 'ExpandDims', 'Squeeze'].includes(before.op)) {
    const source = tensor(input(before, 0))
    if (source && sameShape(source.shape, output(operation).shape)) return { alias: source.id }
    return { replace: { inputs: [input(before, 0), input(operation, 1)] } }
  }
  if (operation.op === 'Transpose' && before.op === 'Transpose') {
    const [outer, inner] = [constant(input(operation, 1)), constant(input(before, 1))]
    if (outer && inner && [...outer.values].every((axis, position) => inner.values[axis] === position)) return { alias: input(before, 0) }
  }
  return undefined
}

const isMatrixTransposition = (operation: TracedOperation | undefined, { constant }: Context): operation is TracedOperation => {
  if (operation?.op !== 'Transpose') return false
  const axes = constant(input(operation, 1))?.values
  return axes?.length === 2 && axes[0] === 1 && axes[1] === 0
}

/** Matrices need no batch kernel, and read a transposed side in place. */
const usePlainMatMul: Rule = (operation, context) => {
  if (operation.op === 'BatchMatMulV2' && operation.inputs.every((id) => context.tensor(id)?.shape.length === 2)) {
    const names: Record<string, string> = { adj_x: 'transpose_a', adj_y: 'transpose_b' }
    return { replace: { op: 'MatMul', attributes: operation.attributes.map((each) => ({ ...each, name: names[each.name] ?? each.name })) } }
  }
  if (!['MatMul', 'SparseMatMul'].includes(operation.op)) return undefined
  for (const [position, name] of ['transpose_a', 'transpose_b'].entries()) {
    const before = context.producer(input(operation, position))
    if (!isMatrixTransposition(before, context)) continue
    const inputs = operation.inputs.map((id, each) => (each === position ? input(before, 0) : id))
    return { replace: { inputs, attributes: withAttribute(operation.attributes, name, !attribute(operation, name)) } }
  }
  return undefined
}

/** Multiplications from which on oneDNN's faster product makes up for its five microseconds a call: docs/benchmarks.md. */
const minForOneDnn = 16_384

/**
 * TensorFlow hands every MatMul on the CPU to oneDNN, which costs more than a small product itself. SparseMatMul that is
 * told of no sparse side is Eigen's product of dense matrices, and stays with TensorFlow.
 */
const leaveSmallProductsToEigen: Rule = (operation, { tensor }) => {
  if (operation.op !== 'MatMul') return undefined
  const shared = tensor(input(operation, 0))?.shape[attribute(operation, 'transpose_a') ? 0 : 1]
  const type = operation.attributes.find(({ name }) => name === 'T')
  if (shared === undefined || !type || sizeOf(output(operation).shape) * shared >= minForOneDnn) return undefined
  const sides = operation.attributes.filter(({ name }) => name.startsWith('transpose'))
  return { replace: { op: 'SparseMatMul', attributes: [...sides, { ...type, name: 'Ta' }, { ...type, name: 'Tb' }] } }
}

/** A product or sum broadcasts by itself: what was expanded just for it need not be. */
const dropBroadcasts: Rule = (operation, { tensor, producer }) => {
  if (!['Mul', 'Add', 'AddV2', 'Sub', 'RealDiv', 'Div'].includes(operation.op)) return undefined
  for (const [position, id] of operation.inputs.entries()) {
    const before = producer(id)
    const other = tensor(input(operation, 1 - position))
    if (!before || !other || !['BroadcastTo', 'Tile', 'Fill'].includes(before.op)) continue
    // Fill takes its shape first and its value second.
    const source = tensor(input(before, before.op === 'Fill' ? 1 : 0))
    const spreadsOne = source && sizeOf(source.shape) === 1 && source.shape.length <= other.shape.length
    if (!spreadsOne || !sameShape(other.shape, output(operation).shape)) continue
    return { replace: { inputs: operation.inputs.map((each, place) => (place === position ? source.id : each)) } }
  }
  return undefined
}

const everywhere: readonly Rule[] = [dropChangesOfNothing, dropNeutralOperands, mergeChains, usePlainMatMul, dropBroadcasts]

const rulesOf = {
  cpu: [...everywhere, leaveSmallProductsToEigen],
  gpu: everywhere,
} satisfies Record<string, readonly Rule[]>

/** One rule after the other until none says anything more. */
const simplify = (first: TracedOperation, context: Context, rules: readonly Rule[]): { operation: TracedOperation; alias?: number } => {
  let operation = first
  for (let again = true; again; ) {
    again = false
    for (const rule of rules) {
      const verdict = rule(operation, context)
      if (verdict === undefined) continue
      if ('alias' in verdict) return { operation, alias: verdict.alias }
      operation = { ...operation, ...verdict.replace }
      again = true
    }
  }
  return { operation }
}

/** Operations that two equal calls of may not be merged: they draw numbers or have an effect. */
const hasState = (op: string): boolean => /Random|Multinomial|Variable|Assign|Assert/.test(op)

const signature = ({ op, attributes, inputs }: TracedOperation): string => JSON.stringify([op, attributes, inputs])

const dropUnneeded = (operations: readonly TracedOperation[], outputs: readonly TracedTensor[]): TracedOperation[] => {
  const needed = new Set(outputs.map(({ id }) => id))
  const kept: TracedOperation[] = []
  for (const operation of [...operations].reverse()) {
    if (!operation.outputs.some(({ id }) => needed.has(id))) continue
    for (const id of operation.inputs) needed.add(id)
    kept.push(operation)
  }
  return kept.reverse()
}

/** Constants of equal type, shape and values become one. */
const mergeConstants = (constants: ReadonlyMap<number, TracedConstant>, alias: Map<number, number>): void => {
  const first = new Map<string, number>()
  for (const { id, type, shape, values } of constants.values()) {
    if (values.length > 64) continue
    const key = `${type}|${shape}|${values.join()}|${values.some((value) => Object.is(value, -0))}`
    const kept = first.get(key)
    if (kept === undefined) first.set(key, id)
    else alias.set(id, kept)
  }
}

/** The same function in fewer operations, and such as are cheap on `device`. */
export const thin = (traced: Trace, device: 'cpu' | 'gpu'): Trace => {
  const alias = new Map<number, number>()
  const resolve = (id: number): number => {
    let current = id
    for (let next = alias.get(current); next !== undefined; next = alias.get(current)) current = next
    return current
  }
  const tensors = new Map<number, TracedTensor>([...traced.inputs, ...traced.constants.values()].map((tensor) => [tensor.id, tensor]))
  const producers = new Map<number, TracedOperation>()
  const bySignature = new Map<string, TracedOperation>()
  const context: Context = {
    tensor: (id) => tensors.get(id),
    constant: (id) => traced.constants.get(id),
    producer: (id) => producers.get(id),
  }
  mergeConstants(traced.constants, alias)
  const operations: TracedOperation[] = []
  for (const original of traced.operations) {
    const { operation, alias: same } = simplify({ ...original, inputs: original.inputs.map(resolve) }, context, rulesOf[device])
    if (same !== undefined) {
      alias.set(output(operation).id, same)
      continue
    }
    const twin = hasState(operation.op) ? undefined : bySignature.get(signature(operation))
    if (twin) {
      for (const [position, { id }] of operation.outputs.entries()) alias.set(id, (twin.outputs[position] as TracedTensor).id)
      continue
    }
    for (const tensor of operation.outputs) {
      tensors.set(tensor.id, tensor)
      producers.set(tensor.id, operation)
    }
    bySignature.set(signature(operation), operation)
    operations.push(operation)
  }
  const outputs = traced.outputs.map((tensor) => ({ ...tensor, id: resolve(tensor.id) }))
  return { ...traced, operations: dropUnneeded(operations, outputs), outputs }
}
