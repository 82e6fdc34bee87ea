/** What a job's session holds, as named values: tables and state go in, state, gradients and losses come out. */

import { fromJsonNumber } from '../../../src/api/numbers.ts'
import { createMetrics } from '../../../src/catalog/metrics.ts'
import type { EngineState, LabelUnits, NamedTensor, TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { lastOf, must } from '../../../src/numerics/must.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import { type MeasuredLoss, measuredLoss } from '../step/counted.ts'
import { initialBuffers, initialParameters } from '../step/initial-tensors.ts'
import type { ComputationSize } from './computation.ts'
import { stateEntries } from './computation-of-plan.ts'
import { evaluationBatchesOf } from './evaluation-part.ts'
import { types } from './graph-def.ts'
import type { Feed, Session } from './session.ts'

const { float32, int32 } = types

/** Prefix of the last mini-batch's gradients in a checkpoint between an epoch's steps and its evaluation. */
export const gradientPrefix = 'gradient/'

type Table = Pick<TrainingData, 'rows' | 'features' | 'labels'>
type TableName = 'training' | 'validation'
type NamedShape = { name: string; shape: number[] }

/** Values that one call gives. */
const maxReadAtOnce = 2 ** 20

/** What one pass over a table in evaluation mode gives. */
export type Measured = MeasuredLoss & { metrics: Record<string, number> }

export const createJobValues = (session: Session, plan: Plan, { evaluationBatch: batchRows }: ComputationSize, units?: LabelUnits) => {
  const { inputShape, labelShape } = plan.data
  const entries = stateEntries(plan)

  const load = (prefix: string, tensors: readonly { shape: readonly number[]; values: Float32Array }[]): void => {
    if (tensors.length === 0) return
    const feeds = tensors.map(({ shape, values }, position) => ({ name: `${prefix}-${position}/in`, type: float32, shape, values }))
    session.run(feeds, [`${prefix}/loaded`])
  }

  const loadTable = (name: TableName, { rows, features, labels }: Table): void =>
    load(name, [...features.map((values) => ({ shape: [rows, ...inputShape], values })), { shape: [rows, ...labelShape], values: labels }])

  /** A graph may wait for its next job a long time; the data need not. */
  const emptyTable = (name: TableName, { features }: Table): void =>
    loadTable(name, { rows: 0, features: features.map(() => new Float32Array()), labels: new Float32Array() })

  /** Weights, slots and statistics of a checkpoint or of the start, and the gradients that a checkpoint may hold. */
  const loadState = (state: EngineState | undefined): void => {
    load('state', startingState(plan, state))
    const gradients = state?.tensors.filter(({ name }) => name.startsWith(gradientPrefix)) ?? []
    if (gradients.length === 0) return
    const norm = fromJsonNumber(state?.training.gradientNorm ?? 0)
    load('result', [...gradients, { shape: [], values: Float32Array.of(norm) }])
  }

  /** One call for all; of large ones one each, since a call holds what it gives twice. */
  const read = (nodes: readonly (NamedShape & { node: string })[]): NamedTensor[] => {
    const size = nodes.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    const calls = size > maxReadAtOnce ? nodes.map((one) => [one]) : [nodes]
    return calls.flatMap((call) => {
      const values = session.run(
        [],
        call.map(({ node }) => node),
      ) as Float32Array[]
      return call.map(({ name, shape }, position) => ({ name, shape, values: must(values, position) }))
    })
  }

  const readState = (which: readonly NamedShape[] = entries): NamedTensor[] =>
    read(which.map(({ name, shape }) => ({ name, shape, node: `state-${entries.findIndex((entry) => entry.name === name)}` })))

  const readGradients = (prefix = ''): NamedTensor[] =>
    read(plan.parameters.map(({ name, shape }, position) => ({ name: prefix + name, shape, node: `result-${position}` })))

  const readNorm = (): number => numberIn(session.run([], [`result-${plan.parameters.length}`])[0])

  /**
   * The loss as one call over all rows would give it: totals and divisors of evaluation batches, added up in float64. Metrics see the
   * outputs of the same calls. NaN if a weight is no longer finite, and if no row counts.
   */
  const measure = (name: TableName, { rows, labels }: Table): Measured => {
    const { whole, rest } = evaluationBatchesOf(rows, batchRows)
    const { metrics: wanted, loss } = plan.config
    const metrics = createMetrics(wanted, { loss, columns: lastOf(plan.outputShape), units })
    const perRow = sizeOf(labelShape)
    let [total, divisor] = [0, 0]
    for (let batch = 0; batch < whole + Math.min(rest, 1); batch += 1) {
      const prefix = `${name}/${batch < whole ? 'batch' : 'rest'}`
      const first = batch * batchRows
      const start: Feed = { name: `${prefix}/start`, type: int32, shape: [], values: Int32Array.of(first) }
      const fetches = (wanted.length > 0 ? [0, 1, 2, 3] : [0, 1, 2]).map((value) => `${prefix}/value-${value}`)
      const [partTotal, partDivisor, weights, outputs] = session.run([start], fetches)
      total += unlessSpoiled(partTotal, weights)
      divisor += numberIn(partDivisor)
      const last = Math.min(first + batchRows, rows)
      if (outputs) metrics.add({ outputs: outputs as Float32Array, labels: labels.subarray(first * perRow, last * perRow) })
    }
    return { ...measuredLoss(plan, total, divisor), metrics: metrics.values() }
  }

  return { loadTable, emptyTable, loadState, readState, readGradients, readNorm, measure }
}

/** The values, in the order of the graph's state, that a job starts with or that a checkpoint holds. */
const startingState = (plan: Plan, state: EngineState | undefined): NamedTensor[] => {
  const known = state ? state.tensors : [...initialParameters(plan), ...initialBuffers(plan)]
  const byName = new Map(known.map((tensor) => [tensor.name, tensor]))
  return stateEntries(plan).map(({ name, shape, initial = 0 }) => {
    const values = byName.get(name)?.values ?? new Float32Array(sizeOf(shape)).fill(initial)
    return { name, shape, values }
  })
}

/** A scalar as the session gives it. */
const numberIn = (values: Feed['values'] | undefined): number => values?.[0] ?? Number.NaN

/** A total, or NaN if a weight is no longer finite. */
const unlessSpoiled = (total: Feed['values'] | undefined, weights: Feed['values'] | undefined): number =>
  Number.isFinite(numberIn(weights)) ? numberIn(total) : Number.NaN
