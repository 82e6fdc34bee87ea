/** A wake-up: claim the fairest job, train it on a loaded child, close it. Here alone it is decided what a failure means. */

import { randomUUID } from 'node:crypto'
import { type JobErrorCode, jobErrorCodes } from '../../src/contracts/error-codes.ts'
import type { JobStatus } from '../../src/contracts/lifecycle.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { queues } from '../../src/contracts/queue.ts'
import type { ChunkRepository } from '../../src/features/datasets/chunk.repository.ts'
import type { LevelRepository } from '../../src/features/datasets/level.repository.ts'
import type { BlobRepository } from '../../src/features/jobs/blob.repository.ts'
import type { LeaseRepository } from '../../src/features/jobs/lease.repository.ts'
import type { Claim, Closing } from '../../src/features/jobs/lease.ts'
import type { Notifications } from '../../src/platform/db/notifications.ts'
import type { Log } from '../../src/platform/log.ts'
import type { WakeUps } from '../../src/platform/queue/wake-ups.ts'
import { type Child, ChildFailure, ChildGone } from '../rpc/child-host.ts'
import type { ChildPool, Lent } from '../rpc/child-pool.ts'
import { watchJob } from './job-watch.ts'
import { createKillTimer } from './kill-timer.ts'
import { watchMemory } from './memory-watch.ts'
import { diedForMemory, failedForMemory } from './out-of-memory.ts'
import type { TrainingMethods } from './protocol.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { withRetries } from './retries.ts'
import { runTraining } from './training-run.ts'
import { createValueTransfer } from './value-transfer.ts'

/** How long a child may take to come to a stop before it is killed, the last checkpoint standing then: who waits sees an end within a second. */
const timeoutMs = 750
/** How much longer for each parameter, if a job is to go on later from where it stands: a step of a large model takes seconds. */
const pauseMsPerParameter = 1e-4

export type ProcessorOptions = {
  lease: LeaseRepository
  chunks: ChunkRepository
  levels: Pick<LevelRepository, 'read'>
  blobs: BlobRepository
  pool: Pick<ChildPool<TrainingMethods>, 'take'>
  notifications: Notifications
  wakeUps: Pick<WakeUps, 'notify'>
  /** The plan of a claimed job. */
  planOf: (claim: Claim) => Promise<Plan>
  /** Whether the pool's children train on a CUDA device. */
  gpu: boolean
  /** Whether they also take jobs that run on any device; true unless given. */
  any?: boolean
  /** Resident bytes that a training process may hold; undefined: as many as there are. */
  jobMemory?: number
  log: Log
}

/** Said in place of messages that speak of this program's inside. */
const hidden: Partial<Record<JobErrorCode, string>> = {
  INTERNAL: 'Training failed; the log of the worker says why.',
}

/** What a failure makes of the job; null if nothing more can be written, and the reconciler will free it. `died`: says whether a death was for memory. */
export const closingFor = (error: unknown, died: (gone: ChildGone) => string | null = () => null): Closing | null => {
  if (error instanceof ChildGone) {
    const message = died(error)
    return message
      ? { to: 'failed', code: 'OUT_OF_MEMORY', message }
      : { to: 'queued', reason: `The training process died: ${error.message}.`, crashed: true }
  }
  if (!(error instanceof ChildFailure)) return null
  const code = jobErrorCodes.find((known) => known === error.code)
  const message = code ? null : failedForMemory(error)
  if (message) return { to: 'failed', code: 'OUT_OF_MEMORY', message }
  return { to: 'failed', code: code ?? 'INTERNAL', message: hidden[code ?? 'INTERNAL'] ?? error.message }
}

/** Makes what answers the training wake-up. */
export const createProcessor = ({
  lease,
  chunks,
  levels,
  blobs,
  pool,
  notifications,
  wakeUps,
  planOf,
  gpu,
  any,
  jobMemory,
  log,
}: ProcessorOptions) => {
  const train = async (
    claim: Claim,
    plan: Plan,
    child: Child<TrainingMethods>,
    { signal, onForgotten }: { signal: AbortSignal; onForgotten: (rss: number) => void },
  ): Promise<JobStatus | null> => {
    const killTimer = createKillTimer(child, timeoutMs)
    const watch = watchJob({
      lease,
      notifications,
      claim,
      signal,
      timeoutMs: timeLeftMs(plan.config, claim),
      onChange: (stop) => {
        if (stop === null) killTimer.end()
        else killTimer.start(stop === 'pause' ? timeoutMs + pauseMsPerParameter * plan.parameterCount : timeoutMs)
      },
      onError: (error) => log.warn({ err: error, jobId: claim.jobId }, 'the lease could not be renewed'),
    })
    const reporter = createReporter({ lease, claim, plan, onWrite: watch.expectOwnWrite, onStatus: watch.observe })
    const memory = watchMemory({ pid: child.pid ?? 0, limitBytes: jobMemory, onOver: () => void child.kill() })
    const values = createValueTransfer({ blobs, claim, child, watch, killTimer, onWritten: reporter.addWriting })
    try {
      return await runTraining({ claim, plan, child, chunks, levels, blobs, values, lease, watch, reporter, killTimer, onForgotten })
    } catch (error) {
      if (watch.stop() === 'lost') return null
      const closing = closingFor(error, (gone) => diedForMemory(gone, memory, jobMemory))
      log.error({ err: error, jobId: claim.jobId }, closing ? `training stopped: ${closing.to}` : 'training stopped, the job will be freed')
      return closing && (await closeFailed(closing, child, reporter))
    } finally {
      killTimer.end()
      memory.close()
      watch.close()
    }
  }

  const closeFailed = async (closing: Closing, child: Child<TrainingMethods>, reporter: Reporter): Promise<JobStatus | null> => {
    // What ran out of memory once does not give it back: the next job gets a new child.
    if (closing.to === 'failed' && closing.code === 'OUT_OF_MEMORY') await child.kill()
    return reporter.close(closing)
  }

  /** The plan of a job; a job that has none, which validation should have refused, fails. */
  const planOrFail = async (claim: Claim): Promise<Plan | null> => {
    try {
      return await planOf(claim)
    } catch (error) {
      log.error({ err: error, jobId: claim.jobId }, 'the job has no plan')
      const closing: Closing = { to: 'failed', code: 'INTERNAL', message: 'The job cannot be planned; the log of the worker says why.' }
      const batch = { id: randomUUID(), epochs: [], state: null, fraction: 0, engine: null, events: [], closing }
      await withRetries(() => lease.commit(claim, batch))
      return null
    }
  }

  /** Gets the child ready for the next job, or replaces it if it won't forget this one; `forgotten`: what one that did so by itself holds. */
  const giveBack = async ({ child, keep, discard }: Lent<TrainingMethods>, forgotten: number | undefined): Promise<void> => {
    try {
      keep(forgotten ?? (await child.call('close', null)).rss)
    } catch {
      await discard()
    }
  }

  /** A job for a child, which goes back as it is if there is none. */
  const claimOn = async (lent: Lent<TrainingMethods>, signal: AbortSignal): Promise<Claim | null> => {
    let claim: Claim | null = null
    try {
      claim = signal.aborted ? null : await lease.claim({ gpu, any })
    } finally {
      if (!claim) lent.keep(0)
    }
    return claim
  }

  /**
   * Trains one job, if one is runnable: false if none was. `signal`: the worker closes, and hands the job back. `onClaimed` is
   * called before training begins.
   */
  const process = async (signal: AbortSignal, { onClaimed }: { onClaimed?: () => void } = {}): Promise<boolean> => {
    const lent = await pool.take(signal)
    if (!lent) return false
    const claim = await claimOn(lent, signal)
    if (!claim) return false
    let forgotten: number | undefined
    const onForgotten = (rss: number): void => {
      forgotten = rss
    }
    try {
      onClaimed?.()
      log.info({ jobId: claim.jobId }, 'training')
      const plan = await planOrFail(claim)
      if (!plan) return true
      const status = await train(claim, plan, lent.child, { signal, onForgotten })
      log.info({ jobId: claim.jobId, status }, status === null ? 'lost the job' : 'done')
      if (status === 'queued') await wakeUps.notify(queues.training, claim.jobId)
      return true
    } finally {
      await giveBack(lent, forgotten)
    }
  }

  return { process }
}

export type Processor = ReturnType<typeof createProcessor>

const timeLeftMs = ({ timeoutSeconds }: Plan['config'], { seconds }: Claim): number | undefined =>
  timeoutSeconds === undefined ? undefined : Math.max(0, 1000 * (timeoutSeconds - seconds))
