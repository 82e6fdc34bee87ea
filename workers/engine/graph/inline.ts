/** Writes a traced function into a graph, once at its top or inside a loop's frame. */
import { must } from '../../../src/numerics/must.ts'
import type { Binding, OpAttribute } from '../backends/native/binding.ts'
import type { Attribute, Attributes, GraphDef } from './graph-def.ts'
import { type Trace, type TracedConstant, type TracedTensor, UntraceableError } from './trace.ts'

/** A place in the graph where nodes go: `constant` gives a constant that nodes there may read. */
export type Scope = {
  graph: GraphDef
  prefix: string
  constant: (constant: TracedConstant) => string
}

/**
 * Adds the operations of `traced` at `scope`, reading `inputs` (node names, in the trace's order).
 * @returns the node names of the outputs, in the trace's order
 */
export const inline = (scope: Scope, binding: Binding, traced: Trace, inputs: readonly string[]): string[] => {
  const names = new Map<number, string>(traced.inputs.map(({ id }, position) => [id, must(inputs, position)]))
  const nameOf = (id: number): string => {
    const known = names.get(id)
    if (known !== undefined) return known
    const constant = traced.constants.get(id)
    if (!constant) throw new UntraceableError('an operation reads a tensor that the trace does not know')
    const name = scope.constant(constant)
    names.set(id, name)
    return name
  }
  traced.operations.forEach(({ op, attributes, inputs: ids, outputs }, position) => {
    const converted: Attributes = Object.fromEntries(attributes.map((each) => [each.name, attributeOf(binding, each)]))
    const node = scope.graph.node(`${scope.prefix}/${position}-${op}`, op, ids.map(nameOf), converted)
    outputs.forEach((output: TracedTensor, index) => {
      names.set(output.id, index === 0 ? node : `${node}:${index}`)
    })
  })
  return traced.outputs.map(({ id }) => nameOf(id))
}

const attributeOf = (binding: Binding, { name, type, value }: OpAttribute): Attribute => {
  if (type === binding.TF_ATTR_TYPE) return { type: value as number }
  if (type === binding.TF_ATTR_BOOL) return { boolean: Boolean(value) }
  if (type === binding.TF_ATTR_INT && Array.isArray(value)) return { integers: value as number[] }
  if (type === binding.TF_ATTR_INT) return { integer: value as number }
  if (type === binding.TF_ATTR_FLOAT) return { float: value as number }
  if (type === binding.TF_ATTR_STRING) return { string: value as string }
  if (type === binding.TF_ATTR_SHAPE) return { shape: value as number[] }
  throw new UntraceableError(`attribute ${name} is of a kind that graphs are not given`)
}
