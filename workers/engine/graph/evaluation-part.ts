/** The part of a job's graph that evaluates: what a model makes of a batch of a table in evaluation mode. */
import type { Binding } from '../backends/native/binding.ts'
import type { Computation, Shape } from './computation.ts'
import { type GraphDef, types } from './graph-def.ts'
import { inline } from './inline.ts'
import type { Trace } from './trace.ts'
import type { Variable } from './variables.ts'
import { topLevel } from './while-loop.ts'

const { float32, int32 } = types

type Parts = { graph: GraphDef; binding: Binding; computation: Computation; state: Variable[] }

/**
 * Adds the evaluation of `rows` rows of a table: feeds `{prefix}/start`, the first row; fetches `{prefix}/value-{i}`,
 * what the computation's `evaluate` gives.
 */
export const addEvaluationBatch = (
  { graph, binding, computation, state }: Parts,
  prefix: string,
  columns: readonly Variable[],
  rows: number,
  batch: Trace,
): void => {
  const start = graph.placeholder(`${prefix}/start`, int32, [])
  const slices = columns.map((column, position) => addRows(graph, prefix, column, computation.columns[position] as Shape, rows, start))
  const values = inline(topLevel(graph, prefix), binding, batch, [...state.map(({ read }) => read()), ...slices])
  for (const [position, value] of values.entries()) graph.node(`${prefix}/value-${position}`, 'Identity', [value], { T: { type: float32 } })
}

/** Rows of a table in evaluation batches: whole ones, and one of what is left. */
export const evaluationBatchesOf = (rows: number, size: number): { whole: number; rest: number } => ({
  whole: Math.floor(rows / size),
  rest: rows % size,
})

/** Consecutive rows of a column from row `start` on; TensorFlow hands them on without copying. */
const addRows = (graph: GraphDef, prefix: string, column: Variable, shape: Shape, rows: number, start: string): string => {
  const vector = (name: string, values: readonly number[]): string =>
    graph.constant(`${prefix}/${column.name}/${name}`, int32, [values.length], Int32Array.from(values))
  const firstAxis = vector('first-axis', [1, ...shape.map(() => 0)])
  const begin = graph.node(`${prefix}/${column.name}/begin`, 'Mul', [start, firstAxis], { T: { type: int32 } })
  const inputs = [column.read(), begin, vector('extent', [rows, ...shape])]
  return graph.node(`${prefix}/${column.name}`, 'Slice', inputs, { T: { type: float32 }, Index: { type: int32 } })
}
