import type { EngineState, EpochReport, Run } from '../../src/contracts/engine.ts'
import type { Pace } from './pace.ts'
import type { AdvanceRequest } from './protocol.ts'

/** A run, and where it stands between two calls of `advance`; `epochMs` were spent on the running epoch before this call. */
export type JobRun = { run: Run; pace: Pace; stepsPerEpoch: number; epoch: number; step: number; lastEpochMs: number; epochMs: number }

/** How many budgets a short epoch may take that was expected to fit and did not: its end is worth waiting for. */
const maxBudgets = 3

/** What training brought, its values at hand. */
export type Advanced = { epochs: EpochReport[]; epoch: number; step: number; state: EngineState | null; ended: boolean }

/**
 * Trains until the budget is spent, the job ends, or another epoch would not fit: it stops at an epoch's end if it
 * can, so that what is reported and the checkpoint agree, and in the middle of an epoch only when that one is long.
 */
export const advance = async (jobRun: JobRun, { budgetMs, state }: AdvanceRequest): Promise<Advanced> => {
  const { run, pace, stepsPerEpoch } = jobRun
  const epochs: EpochReport[] = []
  const start = performance.now()
  const spent = () => performance.now() - start
  let epochStart = start - jobRun.epochMs
  let ended = false

  do {
    const before = performance.now()
    const steps = pace.steps(stepsPerEpoch - jobRun.step)
    const report = await run.run(steps)
    pace.measured(steps, performance.now() - before)
    jobRun.step = report.step
    if (!report.epochEnded) continue

    const finished = await run.evaluate()
    epochs.push(finished)
    jobRun.epoch = finished.epoch
    jobRun.step = 0
    jobRun.lastEpochMs = performance.now() - epochStart
    epochStart = performance.now()
    ended = finished.finished || finished.diverged
    if (ended || spent() + jobRun.lastEpochMs > budgetMs) break
  } while (spent() < budgetMs || (epochs.length > 0 && jobRun.step > 0 && spent() < maxBudgets * budgetMs))
  jobRun.epochMs = performance.now() - epochStart

  const wanted = ended || state === 'always' || (state === 'epoch' && epochs.length > 0)
  return { epochs, epoch: jobRun.epoch, step: jobRun.step, ended, state: wanted ? await run.exportState() : null }
}
