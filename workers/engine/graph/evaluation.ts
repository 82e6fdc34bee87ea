/** The part of a job's graph that evaluates: sums over all rows of a table, a block of rows at a time. */
import type { Binding } from '../native/binding.ts'
import type { Computation, Shape } from './computation.ts'
import { type GraphDef, types } from './graph-def.ts'
import { inline } from './inline.ts'
import { loop, topLevel } from './loop.ts'
import type { Trace } from './trace.ts'
import { addToSum, fetchFloat64, type Variable } from './variables.ts'

const { float32, float64, int32 } = types

type Parts = { graph: GraphDef; binding: Binding; computation: Computation; state: Variable[] }
type Table = { name: string; rows: number; columns: Variable[] }

const vector = (graph: GraphDef, name: string, values: readonly number[]): string =>
  graph.constant(name, int32, [values.length], Int32Array.from(values))

/** Consecutive rows from `begin` on; TensorFlow hands them on without copying. */
const slice = (graph: GraphDef, name: string, source: string, begin: string, extent: string): string =>
  graph.node(name, 'Slice', [source, begin, extent], { T: { type: float32 }, Index: { type: int32 } })

/** Adds sums over all rows, fetched as `{table}/sum-{i}`; `blockTrace` traces `evaluate` for a number of rows. */
export const addEvaluation = (parts: Parts, table: Table, block: number, blockTrace: (rows: number) => Trace): void => {
  const { graph, binding, computation, state } = parts
  const whole = table.rows > block ? Math.floor(table.rows / block) : 0
  const rest = table.rows - whole * block
  const zeros = ({ shape }: { shape: Shape }, position: number): string =>
    graph.constant(`${table.name}/zero-${position}`, float64, shape, new Uint8Array(8 * shape.reduce((product, size) => product * size, 1)))
  let totals = blockTrace(rest > 0 ? rest : block).outputs.map(zeros)

  if (whole > 0) {
    const prefix = `${table.name}/blocks`
    const carried = totals.map((initial, position) => ({ name: `sum-${position}`, type: float64, initial }))
    totals = loop(graph, prefix, graph.int32(`${prefix}/count`, whole), carried, (round) => {
      const { outside, index } = round
      const rows = table.columns.map(({ name, read }, position) => {
        const shape = computation.columns[position] as Shape
        const stride = outside(vector(graph, `${prefix}/${name}/stride`, [block, ...shape.map(() => 0)]), int32)
        const begin = graph.node(`${prefix}/${name}/begin`, 'Mul', [index, stride], { T: { type: int32 } })
        const extent = outside(vector(graph, `${prefix}/${name}/extent`, [block, ...shape]), int32)
        return slice(graph, `${prefix}/${name}`, outside(read(), float32), begin, extent)
      })
      const values = inline(round, binding, blockTrace(block), [...state.map(({ read }) => outside(read(), float32)), ...rows])
      return values.map((value, position) => addToSum(graph, `${prefix}/sum-${position}`, round.carried[position] as string, value))
    })
  }
  if (rest > 0) {
    const prefix = `${table.name}/rest`
    const rows = table.columns.map(({ name, read }, position) => {
      const shape = computation.columns[position] as Shape
      const begin = vector(graph, `${prefix}/${name}/begin`, [whole * block, ...shape.map(() => 0)])
      return slice(graph, `${prefix}/${name}`, read(), begin, vector(graph, `${prefix}/${name}/extent`, [rest, ...shape]))
    })
    const values = inline(topLevel(graph, prefix), binding, blockTrace(rest), [...state.map(({ read }) => read()), ...rows])
    totals = values.map((value, position) => addToSum(graph, `${prefix}/sum-${position}`, totals[position] as string, value))
  }
  for (const [position, total] of totals.entries()) fetchFloat64(graph, `${table.name}/sum-${position}`, total)
}
