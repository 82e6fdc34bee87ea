/**
 * A counted loop in a graph, from TensorFlow's control-flow primitives: a value enters the loop's frame, is merged with
 * what the last round gave, and leaves when the count is reached.
 * @see "Implementation of Control Flow in TensorFlow", Google Brain, 2017
 */
import { must } from '../../../src/numerics/must.ts'
import { type Attributes, type GraphDef, types } from './graph-def.ts'
import type { Scope } from './inline.ts'
import type { TracedConstant } from './trace.ts'

/** What a round hands to the next. */
export type Carried = { name: string; type: number; initial: string }

/** Inside the loop: `outside` brings in a node of the graph around, `index` is the round, from 0. */
export type Round = Scope & { index: string; carried: string[]; outside: (node: string, type: number) => string }

/** Puts constants at the top of a graph. */
export const topLevel = (graph: GraphDef, prefix: string): Scope => ({
  graph,
  prefix,
  constant: ({ id, type, shape, values }: TracedConstant) => graph.constant(`${prefix}/constant-${id}`, type, shape, values),
})

/**
 * Adds a loop of `count` rounds.
 * @param body adds one round and returns the nodes of the carried values after it
 * @returns the nodes of the carried values after the loop
 */
export const loop = (
  graph: GraphDef,
  prefix: string,
  count: string,
  carried: readonly Carried[],
  body: (round: Round) => readonly string[],
): string[] => {
  const frame = (isConstant: boolean): Attributes => ({
    frame_name: { string: prefix },
    is_constant: { boolean: isConstant },
    parallel_iterations: { integer: 1 },
  })
  const entered = new Map<string, string>()
  const outside = (node: string, type: number): string => {
    const known = entered.get(node)
    if (known !== undefined) return known
    const name = graph.node(`${prefix}/enter/${node.replaceAll(':', '-')}`, 'Enter', [node], { T: { type }, ...frame(true) })
    entered.set(node, name)
    return name
  }
  const { int32 } = types
  const variables: Carried[] = [{ name: 'round', type: int32, initial: graph.int32(`${prefix}/zero`, 0) }, ...carried]
  const merged = variables.map(({ name, type, initial }) => {
    graph.node(`${prefix}/${name}/start`, 'Enter', [initial], { T: { type }, ...frame(false) })
    return graph.node(`${prefix}/${name}/merge`, 'Merge', [`${prefix}/${name}/start`, `${prefix}/${name}/next`], {
      T: { type },
      N: { integer: 2 },
    })
  })
  const goesOn = graph.node(`${prefix}/less`, 'Less', [must(merged, 0), outside(count, int32)], { T: { type: int32 } })
  const condition = graph.node(`${prefix}/condition`, 'LoopCond', [goesOn])
  const [index, ...values] = variables.map(({ name, type }, position) => {
    const fork = graph.node(`${prefix}/${name}/switch`, 'Switch', [must(merged, position), condition], { T: { type } })
    return `${fork}:1`
  }) as [string, ...string[]]
  const topConstant = topLevel(graph, prefix).constant
  const constants = new Map<number, string>()
  /** A round may have the same step several times. */
  const constant = (each: TracedConstant): string => {
    const known = constants.get(each.id) ?? outside(topConstant(each), each.type)
    constants.set(each.id, known)
    return known
  }
  const results = body({ graph, prefix, constant, outside, index, carried: values })
  const one = outside(graph.int32(`${prefix}/one`, 1), int32)
  const next = [graph.node(`${prefix}/round/add`, 'AddV2', [index, one], { T: { type: int32 } }), ...results]
  return variables
    .map(({ name, type }, position) => {
      graph.node(`${prefix}/${name}/next`, 'NextIteration', [must(next, position)], { T: { type } })
      return graph.node(`${prefix}/${name}/exit`, 'Exit', [`${prefix}/${name}/switch`], { T: { type } })
    })
    .slice(1)
}
