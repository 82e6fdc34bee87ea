/** Graphs of plans, compiled and loaded; those that no job uses are kept for the next of the same shape. */
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { rowsPerEvaluationBatch } from '../../../src/contracts/evaluation-batches.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { NativeTensorFlow } from '../backends/native/load.ts'
import { type Cached, createCache } from './cache.ts'
import { compile } from './compile.ts'
import type { ComputationSize } from './computation.ts'
import { planComputation } from './computation-of-plan.ts'
import { openSession, type Session } from './session.ts'

/** Unused graphs that are kept. */
const keptGraphs = 8

type Parts = { native: NativeTensorFlow; ops: LayerOps; computationOf?: typeof planComputation }

export const createSessions = ({ native, ops, computationOf = planComputation }: Parts) => {
  const sessions = createCache<Session>(keptGraphs)

  /** A session of the plan for its caller alone, until it is released. @throws UntraceableError if the plan cannot be compiled */
  const take = (plan: Plan, size: ComputationSize): Cached<Session> =>
    sessions.take(keyOf(plan, size), {
      make: () => openSession(native.backend.binding, compile(native, computationOf(native, ops, plan), size).savedModel),
      close: (session) => session.close(),
    })

  /** Whether nothing need be compiled for it. */
  const isAtHand = (plan: Plan, size: ComputationSize): boolean => sessions.has(keyOf(plan, size))

  return { take, isAtHand }
}
export type Sessions = ReturnType<typeof createSessions>

/** The sizes that a plan's graph is made for. */
export const computationSize = (plan: Plan): ComputationSize => {
  const { config, trainingRows, validationRows } = plan
  const batchSize = Math.min(config.training.batchSize, trainingRows)
  const lastBatch = config.training.dropLast ? 0 : trainingRows % batchSize
  return { rows: trainingRows, validationRows, batchSize, unrolled: 1, lastBatch, evaluationBatch: rowsPerEvaluationBatch(plan) }
}

/** Everything that a graph is made of; what is fed or loaded is left out. */
export const keyOf = ({ config, layers, data }: Plan, size: ComputationSize): string => {
  const { learningRate: _, ...optimizer } = config.optimizer
  const shapes = layers.map((layer) => [layer.config, layer.inputShape, layer.outputShape])
  const { inputShape, labelShape, featureColumns } = data
  return JSON.stringify(
    [config.loss, optimizer, config.gradientClipping, config.regularization, shapes, inputShape, labelShape, featureColumns.length, size],
    canonical,
  )
}

/** In one order, whichever a client wrote them in; without initializers, whose values are loaded like those of a checkpoint. */
const canonical = (name: string, value: unknown): unknown => {
  if (name.endsWith('Initializer')) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
