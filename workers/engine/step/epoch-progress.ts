/**
 * What a run counts and remembers besides its tensors, the same for every engine: position, learning rate, mini-batch
 * losses, seconds. All of it goes into the checkpoint.
 */

import { fromJsonNumber, toJsonNumber } from '../../../src/api/numbers.ts'
import { type ScheduleConfig, scheduledRate, scheduleStateAfter } from '../../../src/catalog/schedules.ts'
import type { ChunkReport, EngineState } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { TrainingState } from '../../../src/contracts/training-state.ts'
import type { MeasuredLoss } from './counted.ts'

/** What closes an epoch, as the engine measured it; `countedBatches` are those of which a row counts. */
export type EpochOutcome = { training: MeasuredLoss; validation: MeasuredLoss | undefined; countedBatches: number }

const unscheduled: ScheduleConfig = { type: 'constant' }

export const createEpochProgress = (plan: Plan, state?: EngineState) => {
  const { stepsPerEpoch, config } = plan
  const schedule = config.schedule ?? unscheduled
  const base = config.optimizer.learningRate
  let epoch = state?.epoch ?? 0
  let step = state?.step ?? 0
  let scheduleState = state?.training.schedule ?? {}
  let lossTotal = fromJsonNumber(state?.training.lossTotal ?? 0)
  let seconds = state?.training.seconds ?? 0

  /** Finished epochs and finished steps of the next. */
  const position = (): ChunkReport => ({ epoch, step, epochEnded: step >= stepsPerEpoch })

  /** Rate of the running epoch. */
  const learningRate = (): number => scheduledRate(schedule, { epoch: epoch + 1, base, state: scheduleState })

  /** Counts mini-batches by their losses, in order: sums in float64, so chunks of any size give bit-identical sums. */
  const addBatches = (losses: ArrayLike<number>): void => {
    for (const loss of Array.from(losses)) lossTotal += loss
    step += losses.length
  }

  /** Counts mini-batches whose losses were added up elsewhere, in the same order and precision, onto `lossTotal`. */
  const addSteps = (count: number, total: number): void => {
    lossTotal = total
    step += count
  }

  /** Counts training time, and gives back what `work` gives. */
  const timed = <Result>(work: () => Result): Result => {
    const start = performance.now()
    const result = work()
    seconds += (performance.now() - start) / 1000
    return result
  }

  /** Closes the epoch and says its row; the next epoch starts at step 0. */
  const closeEpoch = ({ training, validation, countedBatches }: EpochOutcome) => {
    const batches = { loss: lossTotal / countedBatches, counted: countedBatches > 0 || lossTotal !== 0 }
    const { loss } = training
    const losses = { loss, batchLoss: batches.loss, validationLoss: validation ? validation.loss : null }
    const row = { epoch: epoch + 1, ...losses, learningRate: learningRate(), seconds }
    const diverged = [training, batches, ...(validation ? [validation] : [])].some(
      ({ loss: measured, counted }) => counted && !Number.isFinite(measured),
    )
    scheduleState = scheduleStateAfter(schedule, { epoch: epoch + 1, base, state: scheduleState, loss })
    epoch += 1
    step = 0
    lossTotal = 0
    seconds = 0
    return { ...row, diverged, finished: diverged || epoch >= config.training.epochs }
  }

  const exportTraining = (): TrainingState => ({ schedule: scheduleState, lossTotal: toJsonNumber(lossTotal), seconds })

  return {
    position,
    learningRate,
    addBatches,
    addSteps,
    /** Sum of the running epoch's mini-batch losses so far. */
    lossTotal: () => lossTotal,
    timed,
    closeEpoch,
    exportTraining,
    /** Steps of the running epoch that are still to be made. */
    remaining: () => stepsPerEpoch - step,
    /** Finished steps of the whole job. */
    totalSteps: () => epoch * stepsPerEpoch + step,
  }
}
export type EpochProgress = ReturnType<typeof createEpochProgress>
