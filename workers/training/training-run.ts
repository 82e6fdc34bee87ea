/** One claimed job on one child: loads its rows, trains it, writes what comes, and lets go of it in the state it should have. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineDescription } from '../../src/contracts/engine.ts'
import type { JobStatus } from '../../src/contracts/lifecycle.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { ChunkRepository } from '../../src/features/datasets/chunk.repository.ts'
import { createColumnLevels } from '../../src/features/datasets/column-levels.ts'
import type { LevelRepository } from '../../src/features/datasets/level.repository.ts'
import type { BlobRepository } from '../../src/features/jobs/blob.repository.ts'
import type { LeaseRepository } from '../../src/features/jobs/lease.repository.ts'
import type { Claim, ClaimedDataset, Closing, StoredCheckpoint } from '../../src/features/jobs/lease.ts'
import { namedLabels } from '../../src/features/jobs/plan/classes.ts'
import { categoryPairs, recode } from '../../src/features/jobs/plan/recoding.ts'
import type { Recode } from '../dataset/recoded.ts'
import { type Child, ChildGone } from '../rpc/child-host.ts'
import type { JobWatch } from './job-watch.ts'
import type { KillTimer } from './kill-timer.ts'
import type { DataSource, Opened, Progress, TrainingMethods } from './protocol.ts'
import type { KeptProgress, Reporter } from './reporter.ts'
import { resultOf } from './result.ts'
import type { ValueTransfer } from './value-transfer.ts'

/** How long the child trains before it reports: cancel, pause and progress act in between. */
const budgetMs = 200
/** How long a checkpoint may take when the job is to be handed on, and how much longer for each parameter; without it, the last one stands. */
const exportMs = 3000
const exportMsPerParameter = 1e-4

export type TrainingRunOptions = {
  claim: Claim
  plan: Plan
  child: Child<TrainingMethods>
  chunks: ChunkRepository
  levels: Pick<LevelRepository, 'read'>
  blobs: BlobRepository
  values: ValueTransfer
  lease: Pick<LeaseRepository, 'lossOf'>
  watch: JobWatch
  reporter: Reporter
  killTimer: KillTimer
  /** Hears that the child has forgotten the job by itself, and what it holds, in bytes. */
  onForgotten: (rss: number) => void
}

/** Losses of the epochs that a result may speak of: the last one's, and an earlier one's to which early stopping went back. */
type LossOf = (epoch: number) => Promise<number>

/**
 * Trains until the job is done or is to stop, and writes its end.
 * @returns the job's status then; null if the lease was lost
 * @throws ChildGone, ChildFailure, and what the database throws
 */
export const runTraining = async (options: TrainingRunOptions): Promise<JobStatus | null> => {
  try {
    return await train(options)
  } catch (error) {
    // The child was too slow to stop and was killed for it: that is no crash.
    if (!(error instanceof ChildGone && options.killTimer.isLost())) throw error
    return goOnFromBefore(options)
  }
}

const sourceOf = ({ id, kind, spec, columns }: ClaimedDataset): DataSource =>
  kind === 'synthetic' ? { kind, spec } : { kind, datasetId: id, width: columns.length }

/** Brings a checkpoint into the child that is too large for a message. False if the job is to stop in between. */
const restore = async ({ claim, child, blobs, watch }: TrainingRunOptions, { bytes, blobId: _, ...state }: StoredCheckpoint) => {
  const read = blobs.checkpoint(claim.jobId)
  await child.call('beginRestore', { state })
  for (let at = 0; at < bytes; at += blobs.chunkBytes) {
    if (watch.stop()) return false
    await child.call('restore', { at, bytes: await read(at, Math.min(blobs.chunkBytes, bytes - at)) })
  }
  return true
}

/** Brings the rows into the child and opens the job there. Gives what training brought that went on with the same call. */
const open = async (options: TrainingRunOptions): Promise<Progress | undefined> => {
  const { claim, plan, child, chunks, watch, reporter, onForgotten } = options
  const { dataset, validationDataset, checkpoint } = claim
  const isLarge = checkpoint !== null && 'layout' in checkpoint
  const state = isLarge ? null : checkpoint
  /** False if the job is to stop in between. */
  const sendRows = async ({ id }: ClaimedDataset, { wantsRows }: { wantsRows: boolean }): Promise<boolean> => {
    if (!wantsRows) return true
    for await (const bytes of chunks.stream(id)) {
      if (watch.stop()) return false
      await child.call('rows', bytes)
    }
    return true
  }
  // A short job is over with this one call.
  const goOn = isLarge || validationDataset ? undefined : { state, advance: { budgetMs, state: reporter.wantedState() } }
  const { opened, progress, rss, ...begun } = await child.call('begin', { plan, source: sourceOf(dataset), ...(goOn && { goOn }) })
  if (rss !== undefined) onForgotten(rss)
  if (opened) {
    reportOpened(options, opened)
    return progress
  }
  if (!(await sendRows(dataset, begun))) return
  if (validationDataset) {
    const source = await validationSourceOf(options, validationDataset)
    if (!(await sendRows(validationDataset, await child.call('beginValidation', { source })))) return
  }
  if (isLarge && !(await restore(options, checkpoint))) return
  reportOpened(options, await child.call('open', { state }))
  return undefined
}

const reportOpened = ({ claim, reporter }: TrainingRunOptions, { engine, warning }: Opened): void => {
  if (warning) reporter.addEvent({ type: 'warning', data: { message: warning } })
  if (!claim.engine) reporter.setEngine(engine)
  else if (!sameEngine(claim.engine, engine)) {
    reporter.setEngine(engine)
    reporter.addEvent({ type: 'engine.changed', data: { from: claim.engine, to: engine } })
  }
}

/** Where the validation data comes from, with the codes by which the job knows its categories. */
const validationSourceOf = async (options: TrainingRunOptions, validation: ClaimedDataset): Promise<DataSource> => {
  const source = sourceOf(validation)
  return source.kind === 'synthetic' ? source : { ...source, recodes: await recodesOf(options, validation) }
}

const recodesOf = async ({ claim, plan, levels }: TrainingRunOptions, validation: ClaimedDataset): Promise<Recode[]> => {
  const recodes: Recode[] = []
  for (const { trained, second } of categoryPairs(plan, claim.dataset)) {
    const known = await levels.read(claim.dataset.id, trained)
    recodes.push({ column: second, codes: Float32Array.from(recode(await levels.read(validation.id, second), known)) })
  }
  return recodes
}

const sameEngine = (a: EngineDescription, b: EngineDescription): boolean =>
  a.name === b.name && a.backend === b.backend && a.device === b.device && a.version === b.version

/** Keeps a checkpoint of the very step, if the child gives one in time. */
const saveState = async ({ child, reporter, values, plan }: TrainingRunOptions): Promise<void> => {
  if (child.isGone()) return
  const exported = child.call('exportState', null).catch(() => null)
  const limitMs = exportMs + exportMsPerParameter * plan.parameterCount
  const state = await Promise.race([exported, sleep(limitMs, null, { ref: false })])
  const kept = state && (await values.transferState(state))
  if (kept) reporter.addState(kept)
}

const closingOf = async (
  { plan, claim, levels }: TrainingRunOptions,
  { epochs, state }: KeptProgress,
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
  const { spec } = claim.dataset
  const loss = await lossOf(last.restoredEpoch ?? last.epoch)
  const levelsOf = createColumnLevels(levels)
  // Their names are told with the confusion matrix alone.
  const labels = last.confusion ? await namedLabels(plan, claim.dataset, (position) => levelsOf(claim.dataset, position)) : []
  return { to: 'succeeded', result: resultOf(plan, spec, last, { loss, seconds, training: state?.training, labels }) }
}

/** Ends a job that is to stop before it is done. Gives its status then; `running` if it is to go on after all. */
const stopEarly = async (options: TrainingRunOptions, mayBeSaved = true): Promise<JobStatus | null> => {
  const { watch, reporter, claim, killTimer } = options
  killTimer.end()
  const stop = watch.stop()
  switch (stop) {
    case 'cancel':
      if (mayBeSaved && reporter.isAtUnsavedEnd()) await saveState(options)
      return reporter.close({ to: 'cancelled' })
    case 'timeout': {
      if (reporter.isAtUnsavedEnd()) await saveState(options)
      const { timeoutSeconds } = claim.config
      return reporter.close({ to: 'failed', code: 'TIMED_OUT', message: `Training took longer than timeoutSeconds, ${timeoutSeconds}.` })
    }
    case 'pause':
    case 'release': {
      if (mayBeSaved) await saveState(options)
      return reporter.close(stop === 'pause' ? { to: 'paused' } : { to: 'queued', reason: 'The worker was stopped.', crashed: false })
    }
    case 'lost':
      return null
    case null:
      return 'running'
  }
}

const train = async (options: TrainingRunOptions): Promise<JobStatus | null> => {
  const { claim, child, watch, reporter, lease, values } = options
  const losses = new Map<number, number>()
  const lossOf: LossOf = async (epoch) => losses.get(epoch) ?? (await lease.lossOf(claim.jobId, epoch))
  let seconds = claim.seconds
  let begun = await open(options)
  for (;;) {
    if (!begun && watch.stop()) {
      const status = await stopEarly(options)
      if (status !== 'running') return status
    }
    const progress = await values.transfer(begun ?? (await child.call('advance', { budgetMs, state: reporter.wantedState() })))
    begun = undefined
    // If values of finished epochs did not get in, nothing later may be saved either: the job goes on from before them.
    if (!progress) return goOnFromBefore(options)
    await reporter.add(progress)
    for (const report of progress.epochs) {
      losses.set(report.epoch, report.loss)
      seconds += report.seconds
    }
    if (progress.ended) return reporter.close(await closingOf(options, progress, seconds, lossOf))
  }
}

/** Lets go of a job that was stopped while the values of its epochs were being written. */
const goOnFromBefore = async (options: TrainingRunOptions): Promise<JobStatus | null> => {
  const status = await stopEarly(options, false)
  return status === 'running' ? options.reporter.close({ to: 'queued', reason: 'The job goes on.', crashed: false }) : status
}
