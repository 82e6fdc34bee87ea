/** Early stopping around any engine: watches the loss of each epoch, keeps the best weights, and ends the job with them. */
import type { Engine, EngineState, EpochReport, Run } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { EarlyStoppingState } from '../../../src/contracts/training-state.ts'
import { asRecorded, modelNames, modelTensors } from '../step/model-tensors.ts'

/** Prefix of the best weights in a checkpoint. */
const bestPrefix = 'best/'

/** The loss that decides whether to stop. */
export const watchedLoss = ({ config, validationRows }: Plan, { loss, validationLoss }: EpochReport): number => {
  const monitor = config.earlyStopping?.monitor ?? (validationRows > 0 ? 'validationLoss' : 'loss')
  return monitor === 'validationLoss' ? (validationLoss ?? loss) : loss
}

/** The same engine, which stops early if a job asks for it. */
export const withEarlyStopping = (engine: Engine): Engine => ({
  ...engine,
  open: async (plan, data, state) => {
    const run = await engine.open(plan, data, state)
    return plan.config.earlyStopping ? watch(plan, run, state) : run
  },
})

/** The state after an epoch, by the rule of Keras and PyTorch Lightning. If no loss was a number yet, any is better. */
export const observe = (
  { best, bestEpoch, waited }: EarlyStoppingState,
  loss: number,
  epoch: number,
  minDelta: number,
): EarlyStoppingState =>
  best === null || Number.isNaN(best) || loss < best - minDelta
    ? { best: loss, bestEpoch: epoch, waited: 0 }
    : { best, bestEpoch, waited: waited + 1 }

const watch = (plan: Plan, run: Run, state: EngineState | undefined): Run => {
  const { patience = 0, minDelta = 0, restoreBest = true } = plan.config.earlyStopping ?? {}
  const names = modelNames(plan)
  let stopping = state?.training.earlyStopping ?? { best: null, bestEpoch: 0, waited: 0 }
  let best =
    state?.tensors
      .filter(({ name }) => name.startsWith(bestPrefix))
      .map((tensor) => ({ ...tensor, name: tensor.name.slice(bestPrefix.length) })) ?? []
  let restored = false

  const evaluate = async (): Promise<EpochReport> => {
    const report = await run.evaluate()
    if (report.diverged) return report
    stopping = observe(stopping, watchedLoss(plan, report), report.epoch, minDelta)
    if (restoreBest && stopping.bestEpoch === report.epoch) best = (await run.exportState()).tensors.filter(({ name }) => names.has(name))
    const stopped = stopping.waited > 0 && stopping.waited >= patience
    return report.finished || stopped ? finish(report) : report
  }

  /** The report of the last epoch, with the weights that the job ends with. */
  const finish = async (report: EpochReport): Promise<EpochReport> => {
    const last: EpochReport = report.finished ? report : { ...report, finished: true, stopReason: 'earlyStopping' }
    restored = restoreBest
    if (restoreBest) return { ...last, weights: best.map(asRecorded), restoredEpoch: stopping.bestEpoch }
    return { ...last, weights: modelTensors(plan, await run.exportState()) }
  }

  const exportState = async (): Promise<EngineState> => {
    const inner = await run.exportState()
    const chosen = new Map(restored ? best.map((tensor) => [tensor.name, tensor]) : [])
    return {
      ...inner,
      tensors: [
        ...inner.tensors.map((tensor) => chosen.get(tensor.name) ?? tensor),
        ...best.map((tensor) => ({ ...tensor, name: bestPrefix + tensor.name })),
      ],
      training: { ...inner.training, earlyStopping: stopping },
    }
  }

  return { ...run, evaluate, exportState }
}
