/** Makes graphs ready between jobs, in parts: a job that comes meanwhile waits for no more than the part under way. */
import { setImmediate as turn } from 'node:timers/promises'
import type { TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { ComputationSize } from './computation.ts'
import { openGraphRun } from './graph-run.ts'
import type { Sessions } from './sessions.ts'

/** Makes the graph of a plan ready, if it is not already about to; it never rejects. The rows are held until then. */
export const createBetweenJobs = (sessions: Sessions) => {
  const underWay = new Set<string>()
  const refused = new Set<string>()

  /** One epoch, so that TensorFlow has prepared every call of a job. */
  const rehearse = async (plan: Plan, data: TrainingData, size: ComputationSize): Promise<void> => {
    await turn()
    sessions.take(plan, size).release()
    await turn()
    const run = openGraphRun({ plan, data, state: undefined, size }, () => {
      const { value, release } = sessions.take(plan, size)
      return { session: value, release }
    })
    try {
      await run.run(plan.stepsPerEpoch)
      await turn()
      await run.evaluate()
      await run.exportState()
    } finally {
      await run.close()
    }
  }

  const prepare = async (key: string, plan: Plan, data: TrainingData, size: ComputationSize): Promise<void> => {
    if (underWay.has(key) || refused.has(key)) return
    underWay.add(key)
    // What cannot be compiled is not tried again: jobs go on with the graph that they have.
    await rehearse(plan, data, size).catch(() => refused.add(key))
    underWay.delete(key)
  }

  return { prepare }
}
