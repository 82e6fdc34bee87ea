/** Variables of a session, and numbers that cross the binding in disguise. */
import type { Shape } from './computation.ts'
import { type GraphDef, types } from './graph-def.ts'

const { float32, float64, int32 } = types

/** A float32 variable that lives as long as its session. */
export type Variable = {
  name: string
  /** The node of its value, as it was when the call began. */
  read: () => string
  /** Writes a node's value; returns the node to wait for. */
  assign: (value: string) => string
}

/** Adds variables, each read as `{prefix}-{position}` and loaded as `{prefix}-{position}/in`, all at once by `{prefix}/loaded`. */
export const addVariables = (graph: GraphDef, prefix: string, shapes: readonly Shape[]): Variable[] => {
  const loads: string[] = []
  const variables = shapes.map((shape, position) => {
    const name = `${prefix}-${position}`
    const handle = graph.node(`${name}/handle`, 'VarHandleOp', [], {
      dtype: { type: float32 },
      shape: { shape },
      shared_name: { string: name },
      container: { string: '' },
    })
    const assign = (value: string): string =>
      graph.node(`${value.replaceAll(':', '-')}/to-${name}`, 'AssignVariableOp', [handle, value], { dtype: { type: float32 } })
    // What is fed is V8's own memory, which may only be let go on V8's thread: the variable gets a copy.
    const copy = graph.node(`${name}/copy`, 'DeepCopy', [graph.placeholder(`${name}/in`, float32, shape)], { T: { type: float32 } })
    loads.push(assign(copy))
    graph.node(name, 'ReadVariableOp', [handle], { dtype: { type: float32 } })
    return { name, read: () => name, assign }
  })
  after(graph, `${prefix}/loaded`, graph.int32(`${prefix}/one`, 1), int32, loads)
  return variables
}

/** Something to fetch that comes after all `effects`: the binding runs no node for its effect alone. */
export const after = (graph: GraphDef, name: string, value: string, type: number, effects: readonly string[]): string =>
  graph.node(name, 'Identity', [value, ...effects.map((effect) => `^${effect}`)], { T: { type } })

/** A float64 that is fed as `name`: the binding knows none, so it comes as two int32. */
export const feedFloat64 = (graph: GraphDef, name: string): string =>
  graph.node(`${name}/float64`, 'Bitcast', [graph.placeholder(name, int32, [2])], { T: { type: int32 }, type: { type: float64 } })

/** A float64 that is fetched as `name`, as pairs of int32. */
export const fetchFloat64 = (graph: GraphDef, name: string, value: string): string =>
  graph.node(name, 'Bitcast', [value], { T: { type: float64 }, type: { type: int32 } })

/** A float64 sum and one float32 more; `waits`: which is only made wide once the sum before is there. */
export const addToSum = (graph: GraphDef, name: string, sum: string, value: string, waits = false): string => {
  const wide = graph.node(`${name}/wide`, 'Cast', [value, ...(waits ? [`^${sum}`] : [])], {
    SrcT: { type: float32 },
    DstT: { type: float64 },
    Truncate: { boolean: false },
  })
  return graph.node(`${name}/add`, 'AddV2', [sum, wide], { T: { type: float64 } })
}

/** Rows of `from` by `indices`; `axis` is the node of the number 0. */
export const gather = (graph: GraphDef, name: string, from: string, indices: string, axis: string, type: number = float32): string =>
  graph.node(name, 'GatherV2', [from, indices, axis], {
    Tparams: { type },
    Tindices: { type: int32 },
    Taxis: { type: int32 },
    batch_dims: { integer: 0 },
  })
