/** Keeps the weights of the best epoch so far around any engine, if a job asks for it. */
import type { Engine, EngineState, EpochReport, Run } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { modelTensors } from '../step/model-tensors.ts'
import { observe, watchedLoss } from './early-stopping.ts'

/** The same engine, whose reports of epochs that are the best so far have the weights. */
export const withBestWeights = (engine: Engine): Engine => ({
  ...engine,
  open: async (plan, data, state) => {
    const run = await engine.open(plan, data, state)
    return plan.config.record.weights === 'best' ? watch(plan, run, state) : run
  },
})

/** What early stopping would call the best is the best here, too. */
const watch = (plan: Plan, run: Run, state: EngineState | undefined): Run => {
  const { minDelta = 0 } = plan.config.earlyStopping ?? {}
  let seen = state?.training.bestWeights ?? { best: null, bestEpoch: 0, waited: 0 }

  const evaluate = async (): Promise<EpochReport> => {
    const report = await run.evaluate()
    if (report.diverged) return report
    seen = observe(seen, watchedLoss(plan, report), report.epoch, minDelta)
    if (seen.bestEpoch !== report.epoch) return report
    const weights = report.weights.length > 0 ? report.weights : modelTensors(plan, await run.exportState())
    return { ...report, weights, isBest: true }
  }

  const exportState = async (): Promise<EngineState> => {
    const inner = await run.exportState()
    return { ...inner, training: { ...inner.training, bestWeights: seen } }
  }

  return { ...run, evaluate, exportState }
}
