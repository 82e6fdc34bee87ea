/** Executes jobs as compiled graphs on native TensorFlow, and those that cannot be compiled operation by operation. */
import type { Engine, TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { createBackendOps } from '../backends/backend-ops.ts'
import type { LoadedBackend } from '../backends/load-backend.ts'
import type { NativeTensorFlow } from '../backends/native/load.ts'
import { createBetweenJobs } from './between-jobs.ts'
import type { ComputationSize } from './computation.ts'
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
/** Rows up to this many bytes are held beyond their job, until the graph for the next ones is ready. */
const heldBytes = 16 * 2 ** 20

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
  const betweenJobs = createBetweenJobs(sessions)
  const key = (plan: Plan): string => keyOf(plan, computationSize(plan))

  /** The steps of the plan's shape with those of this job. */
  const countSteps = (plan: Plan): number => {
    if (stepsOf.size >= countedShapes) stepsOf.clear()
    const steps = (stepsOf.get(key(plan)) ?? 0) + stepsOfJob(plan)
    stepsOf.set(key(plan), steps)
    return steps
  }
  const compiles = (plan: Plan): boolean => stepsOfJob(plan) >= compiledFrom && !untraceable.has(key(plan))

  /** What to compile for a job; and what to make ready for the next of its shape, if that is no matter of this one's time. */
  const sizesOf = (plan: Plan, data: TrainingData): { now: ComputationSize; next?: ComputationSize } => {
    const plain = computationSize(plan)
    if (countSteps(plan) < unrolledFrom) return { now: plain }
    const unrolled = { ...plain, unrolled: unrolledSteps(plan, Math.floor(plain.rows / plain.batchSize)) }
    const isWorthIt = stepsOfJob(plan) >= unrolledFrom || bytesOf(data) > heldBytes
    return unrolled.unrolled === 1 || isWorthIt || sessions.isAtHand(plan, unrolled) ? { now: unrolled } : { now: plain, next: unrolled }
  }

  const openCompiled: Engine['open'] = async (plan, data, state) => {
    const { now: size, next } = sizesOf(plan, data)
    const run = openGraphRun({ plan, data, state, size }, () => {
      const { value, release } = sessions.take(plan, size)
      return { session: value, release }
    })
    if (!next) return run
    const close = async (): Promise<void> => {
      await run.close()
      void betweenJobs.prepare(key(plan), plan, data, next)
    }
    return { ...run, close }
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

const stepsOfJob = ({ config, stepsPerEpoch }: Plan): number => config.training.epochs * stepsPerEpoch

const bytesOf = ({ features, labels, validation }: TrainingData): number =>
  [...features, labels, ...(validation ? [...validation.features, validation.labels] : [])].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  )
