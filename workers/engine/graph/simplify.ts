/**
 * Makes a traced step cheaper without changing its numbers: operations are rewritten by a table, equal ones are done once,
 * and what nothing needs is dropped.
 */
import { must } from '../../../src/numerics/must.ts'
import { type Node, type Rewrite, rewritesOf, type Value } from './rewrites.ts'
import { type Trace, type TracedConstant, type TracedOperation, type TracedTensor, UntraceableError } from './trace.ts'

/** The same function in fewer operations, and such as are cheap on `device`. */
export const simplify = (traced: Trace, device: 'cpu' | 'gpu'): Trace => {
  const alias = new Map<number, number>()
  const resolve = (id: number): number => {
    let current = id
    for (let next = alias.get(current); next !== undefined; next = alias.get(current)) current = next
    return current
  }
  const tensors = new Map<number, TracedTensor>([...traced.inputs, ...traced.constants.values()].map((tensor) => [tensor.id, tensor]))
  const producers = new Map<number, TracedOperation>()
  const bySignature = new Map<string, TracedOperation>()
  const valueAt = (id: number): Value => {
    const tensor = tensors.get(id)
    if (!tensor) throw new UntraceableError('an operation reads a tensor that the trace does not know')
    const madeBy = () => {
      const producer = producers.get(id)
      return producer && nodeOf(producer)
    }
    return { id, shape: tensor.shape, constant: traced.constants.get(id)?.values, madeBy }
  }
  const nodeOf = ({ op, attributes, inputs, outputs }: TracedOperation): Node => {
    const operand = (position: number): Value => valueAt(must(inputs, position))
    return { op, attributes, inputs, shape: must(outputs, 0).shape, operand }
  }
  mergeConstants(traced.constants, alias)
  const operations: TracedOperation[] = []
  for (const original of traced.operations) {
    const { operation, value } = rewritten({ ...original, inputs: original.inputs.map(resolve) }, nodeOf, rewritesOf[device])
    if (value) {
      alias.set(must(operation.outputs, 0).id, value.id)
      continue
    }
    const twin = hasState(operation.op) ? undefined : bySignature.get(signature(operation))
    if (twin) {
      for (const [position, { id }] of operation.outputs.entries()) alias.set(id, must(twin.outputs, position).id)
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

/** One row of the table after the other, until none matches any more; or the tensor that the operation's output already is. */
const rewritten = (
  first: TracedOperation,
  nodeOf: (operation: TracedOperation) => Node,
  rewrites: readonly Rewrite[],
): { operation: TracedOperation; value?: Value } => {
  let operation = first
  for (let again = true; again; ) {
    again = false
    for (const { ops, to } of rewrites) {
      const result = ops.includes(operation.op) && to(nodeOf(operation))
      if (!result) continue
      if ('value' in result) return { operation, value: result.value }
      operation = { ...operation, ...result.node }
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
