import type { StepKind } from '../chapters/chapter.ts'
import { runBatch, runData } from './data.ts'
import { runDescent } from './descent.ts'
import { runCheck, runJob, runPredictions } from './job.ts'
import { runLoss, runLossCurves, runSample } from './loss.ts'
import type { Run } from './run.ts'
import { runSweep } from './sweep.ts'

/** What each kind of step does. */
export const runs: Record<StepKind, Run> = {
  data: runData,
  batch: runBatch,
  descent: runDescent,
  job: runJob,
  sweep: runSweep,
  loss: runLoss,
  lossCurves: runLossCurves,
  sample: runSample,
  predictions: runPredictions,
  check: runCheck,
}
