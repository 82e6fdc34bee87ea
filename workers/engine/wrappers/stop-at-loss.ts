/** Ends a job around any engine with the first epoch whose loss is low enough. */
import type { Engine, EpochReport, Run } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { modelTensors } from '../step/model-tensors.ts'
import { watchedLoss } from './early-stopping.ts'

/** The same engine, which stops at a loss if a job asks for it. */
export const withStopAtLoss = (engine: Engine): Engine => ({
  ...engine,
  open: async (plan, data, state) => {
    const run = await engine.open(plan, data, state)
    const { stopAtLoss } = plan.config.training
    return stopAtLoss === undefined || plan.config.solver ? run : watch(plan, run, stopAtLoss)
  },
})

const watch = (plan: Plan, run: Run, target: number): Run => ({
  ...run,
  evaluate: async (): Promise<EpochReport> => {
    const report = await run.evaluate()
    const loss = plan.config.earlyStopping ? watchedLoss(plan, report) : report.loss
    const reached = !report.diverged && loss <= target && (report.restoredEpoch ?? report.epoch) === report.epoch
    if (!reached) return report
    const weights = report.weights.length > 0 ? report.weights : modelTensors(plan, await run.exportState())
    return { ...report, finished: true, weights, stopReason: 'stopAtLoss' }
  },
})
