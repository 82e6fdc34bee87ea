/** One claimed job on one child: loads its rows, trains it, writes what comes, and lets go of it in the state it should have. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SyntheticSpec } from '../../src/contracts/catalog/generators.ts'
import type { EngineDescription } from '../../src/contracts/engine.ts'
import type { JobStatus } from '../../src/contracts/job-status.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { ChunkRepository } from '../../src/features/datasets/chunk.repository.ts'
import type { LeaseRepository } from '../../src/features/jobs/lease.repository.ts'
import type { Claim, ClaimedDataset, Closing } from '../../src/features/jobs/lease.ts'
import { type Child, ChildGone } from '../rpc/child-host.ts'
import type { JobWatch } from './job-watch.ts'
import type { Patience } from './patience.ts'
import type { DataSource, Progress, TrainingMethods } from './protocol.ts'
import type { Reporter } from './reporter.ts'
import { resultOf } from './result.ts'

/** How long the child trains before it reports: cancel, pause and progress act in between. */
const budgetMs = 200
/** How long a checkpoint may take when the job is to be handed on; without it, the last one stands. */
const exportMs = 3000

export type TrainingRunOptions = {
  claim: Claim
  plan: Plan
  child: Child<TrainingMethods>
  chunks: ChunkRepository
  lease: Pick<LeaseRepository, 'lossOf'>
  watch: JobWatch
  reporter: Reporter
  patience: Patience
}

const sourceOf = ({ kind, spec, columns }: ClaimedDataset): DataSource =>
  kind === 'synthetic' ? { kind, spec: spec as SyntheticSpec } : { kind: 'upload', width: (columns as unknown[]).length }

/** Brings the rows into the child and opens the job there. */
const open = async ({ claim, plan, child, chunks, watch, reporter }: TrainingRunOptions): Promise<void> => {
  const { dataset, validationDataset, checkpoint } = claim
  /** False where the job is to stop in between. */
  const sendRows = async ({ kind, id }: ClaimedDataset): Promise<boolean> => {
    if (kind === 'synthetic') return true
    for await (const bytes of chunks.stream(id)) {
      if (watch.stop()) return false
      await child.call('rows', bytes)
    }
    return true
  }
  await child.call('begin', { plan, source: sourceOf(dataset) })
  if (!(await sendRows(dataset))) return
  if (validationDataset) {
    await child.call('beginValidation', { source: sourceOf(validationDataset) })
    if (!(await sendRows(validationDataset))) return
  }
  const { engine, warning } = await child.call('open', { state: checkpoint })
  if (warning) reporter.addEvent({ type: 'warning', data: { message: warning } })
  if (!claim.engine) reporter.setEngine(engine)
  else if (!sameEngine(claim.engine, engine)) {
    reporter.setEngine(engine)
    reporter.addEvent({ type: 'engine.changed', data: { from: claim.engine, to: engine } })
  }
}

const sameEngine = (a: EngineDescription, b: EngineDescription): boolean =>
  a.name === b.name && a.backend === b.backend && a.device === b.device && a.version === b.version

/** Keeps a checkpoint of the very step, where the child gives one in time. */
const saveState = async ({ child, reporter }: TrainingRunOptions): Promise<void> => {
  if (child.isGone()) return
  const exported = child.call('exportState', null).catch(() => null)
  const state = await Promise.race([exported, sleep(exportMs, null, { ref: false })])
  if (state) reporter.addState(state)
}

/** Losses of the epochs that a result may speak of: the last one's, and an earlier one's to which early stopping went back. */
type LossOf = (epoch: number) => Promise<number>

const closingOf = async (
  { plan, claim }: TrainingRunOptions,
  { epochs, state }: Progress,
  seconds: number,
  lossOf: LossOf,
): Promise<Closing> => {
  const last = epochs.at(-1)
  if (!last || last.diverged)
    return {
      to: 'failed',
      code: 'LOSS_DIVERGED',
      message: `The loss stopped being finite in epoch ${last?.epoch}; a smaller learning rate may help.`,
    }
  const spec = claim.dataset.kind === 'synthetic' ? (claim.dataset.spec as SyntheticSpec) : null
  const loss = await lossOf(last.restoredEpoch ?? last.epoch)
  return { to: 'succeeded', result: resultOf(plan, spec, last, { loss, seconds, memo: state?.memo ?? {} }) }
}

/** Ends a job that is to stop before it is done. Gives its status then; `running` where it is to go on after all. */
const stopEarly = async (options: TrainingRunOptions): Promise<JobStatus | null> => {
  const { watch, reporter, claim, patience } = options
  patience.end()
  const stop = watch.stop()
  switch (stop) {
    case 'cancel':
      if (reporter.isAtUnsavedEnd()) await saveState(options)
      return reporter.close({ to: 'cancelled' })
    case 'timeout': {
      if (reporter.isAtUnsavedEnd()) await saveState(options)
      const { timeoutSeconds } = claim.config as { timeoutSeconds?: number }
      return reporter.close({ to: 'failed', code: 'TIMED_OUT', message: `Training took longer than timeoutSeconds, ${timeoutSeconds}.` })
    }
    case 'pause':
    case 'release': {
      await saveState(options)
      return reporter.close(stop === 'pause' ? { to: 'paused' } : { to: 'queued', reason: 'The worker was stopped.', crashed: false })
    }
    case 'lost':
      return null
    case null:
      return 'running'
  }
}

const train = async (options: TrainingRunOptions): Promise<JobStatus | null> => {
  const { claim, child, watch, reporter, lease } = options
  const losses = new Map<number, number>()
  const lossOf: LossOf = async (epoch) => losses.get(epoch) ?? (await lease.lossOf(claim.jobId, epoch))
  let seconds = claim.seconds
  await open(options)
  for (;;) {
    if (watch.stop()) {
      const status = await stopEarly(options)
      if (status !== 'running') return status
    }
    const progress = await child.call('advance', { budgetMs, state: reporter.wantedState() })
    reporter.add(progress)
    for (const report of progress.epochs) {
      losses.set(report.epoch, report.loss)
      seconds += report.seconds
    }
    if (progress.ended) return reporter.close(await closingOf(options, progress, seconds, lossOf))
  }
}

/**
 * Trains until the job is done or is to stop, and writes its end.
 * @returns the job's status then; null where the lease was lost
 * @throws ChildGone, ChildFailure, and what the database throws
 */
export const runTraining = async (options: TrainingRunOptions): Promise<JobStatus | null> => {
  try {
    return await train(options)
  } catch (error) {
    // The child was too slow to stop and was killed for it: that is no crash.
    if (!(error instanceof ChildGone && options.patience.isLost())) throw error
    const status = await stopEarly(options)
    return status === 'running' ? options.reporter.close({ to: 'queued', reason: 'The job goes on.', crashed: false }) : status
  }
}
