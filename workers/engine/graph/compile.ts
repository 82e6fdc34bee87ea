/**
 * A job's whole computation as one graph: data, state and results are variables of the session, and a call feeds only the
 * rows of its mini-batches, the learning rate, the sum of losses so far and the steps' random numbers.
 */

import { must } from '../../../src/numerics/must.ts'
import type { NativeTensorFlow } from '../backends/native/load.ts'
import type { Computation, ComputationSize, Shape } from './computation.ts'
import { addEvaluationBatch, evaluationBatchesOf } from './evaluation-part.ts'
import { createGraphDef } from './graph-def.ts'
import { simplify } from './simplify.ts'
import { type Trace, trace } from './trace.ts'
import { addLastStep, addRounds, addSharedFeeds, addSteps } from './training-part.ts'
import { addVariables } from './variables.ts'

/** A compiled job. Nodes are named by prefix and position: `training-0`, `state-2`, `result-1`. */
export type Program = {
  savedModel: Uint8Array
  /** Operations of one training step, for the record and for tests. */
  operations: string[]
}

type Tracing = { native: NativeTensorFlow; computation: Computation }

/**
 * Traces a job's computation and writes its graph.
 * @throws UntraceableError if the computation has something that a graph cannot express
 */
export const compile = (native: NativeTensorFlow, computation: Computation, size: ComputationSize): Program => {
  const tracing = { native, computation }
  const { binding } = native.backend
  const graph = createGraphDef()
  const open = (shapes: readonly Shape[]): Shape[] => shapes.map((shape) => [-1, ...shape])
  const columns = addVariables(graph, 'training', open(computation.columns))
  const state = addVariables(graph, 'state', computation.state)
  const results = addVariables(graph, 'result', computation.results)
  const parts = { graph, binding, computation, columns, state, results }

  const feeds = addSharedFeeds(graph)
  const step = traceStep(tracing, size.batchSize)
  addSteps(parts, feeds, step, size.batchSize)
  if (size.unrolled > 1) addRounds(parts, feeds, step, size)
  if (size.lastBatch > 0) addLastStep(parts, feeds, traceStep(tracing, size.lastBatch), size.lastBatch)

  const trained = { training: { columns, rows: size.rows } }
  const held = { validation: { columns: addVariables(graph, 'validation', open(computation.columns)), rows: size.validationRows } }
  const batchTrace = remembered((rows: number) => traceEvaluationBatch(tracing, rows))
  for (const [name, table] of Object.entries({ ...trained, ...(size.validationRows > 0 && held) })) {
    const { whole, rest } = evaluationBatchesOf(table.rows, size.evaluationBatch)
    if (whole > 0) addEvaluationBatch(parts, `${name}/batch`, table.columns, size.evaluationBatch, batchTrace(size.evaluationBatch))
    if (rest > 0) addEvaluationBatch(parts, `${name}/rest`, table.columns, rest, batchTrace(rest))
  }
  return { savedModel: graph.toSavedModel(), operations: step.operations.map(({ op }) => op) }
}

const floats = (shapes: readonly Shape[]) => shapes.map((shape) => ({ shape, dtype: 'float32' as const }))

const rowsOf = ({ columns }: Computation, rows: number) => floats(columns.map((shape) => [rows, ...shape]))

const traceStep = ({ native, computation }: Tracing, rows: number): Trace => {
  const { state, columns } = computation
  const inputs = [...floats(state), ...rowsOf(computation, rows), ...floats([[], []]), ...floats(computation.noise(rows))]
  const rateAt = state.length + columns.length
  const traced = trace(native, inputs, (tensors) => {
    const result = computation.step({
      state: tensors.slice(0, state.length),
      rows: tensors.slice(state.length, rateAt),
      learningRate: must(tensors, rateAt),
      step: must(tensors, rateAt + 1),
      noise: tensors.slice(rateAt + 2),
    })
    return [...result.state, result.loss, ...result.results]
  })
  return simplify(traced, native.device)
}

const traceEvaluationBatch = ({ native, computation }: Tracing, rows: number): Trace => {
  const { length } = computation.state
  const traced = trace(native, [...floats(computation.state), ...rowsOf(computation, rows)], (tensors) =>
    computation.evaluate({ state: tensors.slice(0, length), rows: tensors.slice(length) }),
  )
  return simplify(traced, native.device)
}

const remembered = <Key, Value>(compute: (key: Key) => Value): ((key: Key) => Value) => {
  const known = new Map<Key, Value>()
  return (key) => {
    const value = known.has(key) ? (known.get(key) as Value) : compute(key)
    known.set(key, value)
    return value
  }
}
