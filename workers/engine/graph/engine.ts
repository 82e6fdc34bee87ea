/** Executes jobs as compiled graphs on native TensorFlow, and those that cannot be compiled operation by operation. */
import type { Engine } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { createBackendOps } from '../backends/backend-ops.ts'
import type { LoadedBackend } from '../backends/load-backend.ts'
import type { NativeTensorFlow } from '../backends/native/load.ts'
import type { planComputation } from './computation-of-plan.ts'
import { openGraphRun } from './graph-run.ts'
import { computationSize, createSessions, keyOf } from './sessions.ts'
import { UntraceableError } from './trace.ts'
import { unrolledSteps } from './unrolled-steps.ts'

/** Steps from which on a job is compiled: compiling costs about as much as so many steps save. */
const minSteps = 32

/** Steps of one shape, those of earlier jobs too, from which on a graph with several steps a round has made up for its compiling. */
const manySteps = 10_000
/** Shapes whose steps are counted. */
const countedShapes = 1000

export type GraphEngineOptions = {
  /** Steps of a whole job from which on it is compiled. */
  compiledFrom?: number
  /** Steps of a shape from which on small ones go several to a round; no bit depends on it. */
  unrolledFrom?: number
  /** What of a plan is traced. */
  computationOf?: typeof planComputation
}

/** The backend, its native part, and the engine of jobs that are not compiled. */
type Collaborators = { loaded: LoadedBackend; native: NativeTensorFlow; eager: Engine }

/**
 * The engine of a process with native TensorFlow. Whether a job is compiled follows from its config alone: the cache may
 * make it cheaper, but never decides.
 */
export const createGraphEngine = (
  { loaded, native, eager }: Collaborators,
  { compiledFrom = minSteps, unrolledFrom = manySteps, computationOf }: GraphEngineOptions = {},
): Engine => {
  const { name, device, version } = loaded
  const ops = createBackendOps(loaded)
  const sessions = createSessions({ native, ops, computationOf })
  // Whether a plan can be traced follows from its config too: asking twice gives the same answer.
  const untraceable = new Set<string>()
  const stepsOf = new Map<string, number>()
  const key = (plan: Plan): string => keyOf(plan, computationSize(plan))

  /** The steps of the plan's shape with those of this job. */
  const countSteps = (plan: Plan): number => {
    if (stepsOf.size >= countedShapes) stepsOf.clear()
    const steps = (stepsOf.get(key(plan)) ?? 0) + plan.config.training.epochs * plan.stepsPerEpoch
    stepsOf.set(key(plan), steps)
    return steps
  }
  const compiles = (plan: Plan): boolean => plan.config.training.epochs * plan.stepsPerEpoch >= compiledFrom && !untraceable.has(key(plan))

  const openCompiled: Engine['open'] = async (plan, data, state) => {
    const plain = computationSize(plan)
    const fullBatches = Math.floor(plain.rows / plain.batchSize)
    const size = countSteps(plan) >= unrolledFrom ? { ...plain, unrolled: unrolledSteps(plan, fullBatches) } : plain
    return openGraphRun({ plan, data, state, size }, () => {
      const { value, release } = sessions.take(plan, size)
      return { session: value, release }
    })
  }

  return {
    describe: (plan) => (compiles(plan) ? { name: 'graph', backend: name, device, version } : eager.describe(plan)),
    open: async (plan, data, state) => {
      if (!compiles(plan)) return eager.open(plan, data, state)
      try {
        return await openCompiled(plan, data, state)
      } catch (error) {
        if (!(error instanceof UntraceableError)) throw error
        untraceable.add(key(plan))
        const run = await eager.open(plan, data, state)
        return { ...run, warning: `not compiled, runs operation by operation: ${error.message}` }
      }
    },
  }
}
