/** The confusion matrix around any engine: with the last epoch, of the weights that the job ends with. */
import { type ConfusionCounts, createConfusion } from '../../../src/catalog/confusion.ts'
import { decisionOf } from '../../../src/catalog/decision.ts'
import type { Engine, EpochReport, Run, TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import { createBackendOps } from '../backends/backend-ops.ts'
import type { LoadedBackend } from '../backends/load-backend.ts'
import { eachOutputs } from './model-outputs.ts'

/** The same engine, which counts how each class was decided: of the rows held back if there are any, else of those trained on. */
export const withConfusion = (loaded: LoadedBackend, engine: Engine): Engine => {
  const ops = createBackendOps(loaded)
  return {
    ...engine,
    open: async (plan, data, state) => {
      const run = await engine.open(plan, data, state)
      const counting = confusionOf(plan)
      return counting ? watch({ tf: loaded.tf, ops }, plan, data, run) : run
    },
  }
}

/** Classes with a decision for each row, few enough to be shown. */
const confusionOf = ({ config: { loss }, data, outputShape }: Plan): ReturnType<typeof createConfusion> | undefined => {
  const decision = decisionOf(loss)
  const isOfRows = decision && outputShape.length === 1 && sizeOf(data.labelShape) === 1
  return isOfRows ? createConfusion(sizeOf(outputShape), decision) : undefined
}

const watch = (tensors: Parameters<typeof eachOutputs>[0], plan: Plan, data: TrainingData, run: Run): Run => ({
  ...run,
  evaluate: async (): Promise<EpochReport> => {
    const report = await run.evaluate()
    const counting = report.finished && !report.diverged ? confusionOf(plan) : undefined
    if (!counting) return report
    const { validation } = data
    const isHeld = validation !== undefined && validation.rows > 0
    const { tensors: weights } = await run.exportState()
    eachOutputs(tensors, plan, weights, isHeld ? validation : data, counting.add)
    const confusion: ConfusionCounts = counting.counts()
    return { ...report, confusion: { counts: confusion, over: isHeld ? 'validation' : 'training' } }
  },
})
