/** Executes jobs as compiled graphs on native TensorFlow. */

import type { LayerOps } from '../../../src/contracts/catalog/layers/layer-ops.ts'
import type { Engine } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { rowsPerPiece } from '../eager/evaluation.ts'
import type { LoadedBackend } from '../load-backend.ts'
import type { NativeTensorFlow } from '../native/load.ts'
import { createCache } from './cache.ts'
import type { ComputationSize } from './computation.ts'
import { planComputation } from './plan-computation.ts'
import { compile } from './program.ts'
import { openGraphRun } from './run.ts'
import { openSession, type Session } from './session.ts'

/** Steps from which on a job is compiled: compiling costs about as much as so many steps save. */
const fewestSteps = 64

/** Unused graphs that are kept. */
const keptGraphs = 8

/** Whether a job is compiled follows from its config alone: the cache may make it cheaper, but never decides. */
export const isCompiled = ({ config, stepsPerEpoch }: Plan): boolean => config.training.epochs * stepsPerEpoch >= fewestSteps

const sizeOf = ({ config, trainingRows, validationRows }: Plan): ComputationSize => {
  const batchSize = Math.min(config.training.batchSize, trainingRows)
  const lastBatch = config.training.dropLast ? 0 : trainingRows % batchSize
  return { rows: trainingRows, validationRows, batchSize, lastBatch, block: 0 }
}

/** Everything that a graph is made of; what is fed or loaded is left out. */
const keyOf = ({ config, layers, data }: Plan, size: ComputationSize): string => {
  const { learningRate: _, ...optimizer } = config.optimizer
  const { model: __, ...rest } = { model: config.model, loss: config.loss, optimizer, gradientClipping: config.gradientClipping }
  return JSON.stringify([
    rest,
    layers.map((layer) => [layer.config, layer.inputShape, layer.outputShape]),
    data.inputShape,
    data.labelShape,
    data.featureColumns.length,
    size,
  ])
}

/**
 * The engine of compiled graphs.
 * @throws UntraceableError on `open`, where a plan has something that a graph cannot express
 */
export const createGraphEngine = ({ name, device, version }: LoadedBackend, native: NativeTensorFlow, ops: LayerOps): Engine => {
  const sessions = createCache<Session>(keptGraphs)
  const { binding } = native.backend
  return {
    describe: () => ({ name: 'graph', backend: name, device, version }),
    open: async (plan, data, state) => {
      const size = { ...sizeOf(plan), block: rowsPerPiece(plan) }
      const take = () =>
        sessions.take(keyOf(plan, size), {
          make: () => openSession(binding, compile(native, planComputation(native, ops, plan), size).savedModel),
          close: (session) => session.close(),
        })
      return openGraphRun({ plan, data, state, size }, () => {
        const { value, release } = take()
        return { session: value, release }
      })
    },
  }
}
