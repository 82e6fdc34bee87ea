/** A bell rang: claim the fairest job, train it on a loaded child, close it. Here alone it is decided what a failure means. */

import type { JobStatus } from '../../src/contracts/job-status.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { type JobErrorCode, jobErrorCodes } from '../../src/contracts/problems.ts'
import { queues } from '../../src/contracts/queue.ts'
import type { ChunkRepository } from '../../src/features/datasets/chunk.repository.ts'
import type { LeaseRepository } from '../../src/features/jobs/lease.repository.ts'
import type { Claim, Closing } from '../../src/features/jobs/lease.ts'
import type { Notifications } from '../../src/platform/db/notifications.ts'
import type { Log } from '../../src/platform/log.ts'
import type { Bell } from '../../src/platform/queue/bell.ts'
import { type Child, ChildFailure, ChildGone } from '../rpc/child-host.ts'
import type { ChildPool, Lent } from '../rpc/child-pool.ts'
import { watchJob } from './job-watch.ts'
import { createPatience } from './patience.ts'
import type { TrainingMethods } from './protocol.ts'
import { createReporter } from './reporter.ts'
import { runTraining } from './training-run.ts'

/** How long a child may take to come to a stop before it is killed, the last checkpoint standing then: who waits sees an end within a second. */
const patienceMs = 750

export type ProcessorOptions = {
  lease: LeaseRepository
  chunks: ChunkRepository
  pool: Pick<ChildPool<TrainingMethods>, 'take'>
  notifications: Notifications
  bell: Pick<Bell, 'ring'>
  /** The plan of a claimed job. */
  planOf: (claim: Claim) => Plan
  /** Whether the pool's children train on a CUDA device. */
  gpu: boolean
  /** Whether they also take jobs that run on any device; true unless given. */
  any?: boolean
  log: Log
}

/** Said in place of messages that speak of this program's inside. */
const hidden: Partial<Record<JobErrorCode, string>> = {
  INTERNAL: 'Training failed; the log of the worker says why.',
  OUT_OF_MEMORY: 'Training needs more memory than the worker has; fewer rows, a smaller model or a smaller batchSize may fit.',
}

/** What a failure makes of the job; null where nothing more can be written, and the reconciler will free it. */
export const closingFor = (error: unknown): Closing | null => {
  if (error instanceof ChildGone) return { to: 'queued', reason: `The training process died: ${error.message}.`, crashed: true }
  if (!(error instanceof ChildFailure)) return null
  const code = jobErrorCodes.find((known) => known === error.code) ?? outOfMemory(error) ?? 'INTERNAL'
  return { to: 'failed', code, message: hidden[code] ?? error.message }
}

const outOfMemory = ({ message }: Error): JobErrorCode | undefined =>
  /allocation failed|out of memory|Invalid (typed )?array( buffer)? length/i.test(message) ? 'OUT_OF_MEMORY' : undefined

/** Makes what answers the training bell. */
export const createProcessor = ({ lease, chunks, pool, notifications, bell, planOf, gpu, any, log }: ProcessorOptions) => {
  const train = async (claim: Claim, plan: Plan, child: Child<TrainingMethods>, signal: AbortSignal): Promise<JobStatus | null> => {
    const { timeoutSeconds } = plan.config
    const patience = createPatience(child, patienceMs)
    const watch = watchJob({
      lease,
      notifications,
      claim,
      signal,
      timeoutMs: timeoutSeconds === undefined ? undefined : Math.max(0, 1000 * (timeoutSeconds - claim.seconds)),
      onChange: (stop) => (stop ? patience.start() : patience.end()),
      onError: (error) => log.warn({ err: error, job: claim.jobId }, 'the lease could not be renewed'),
    })
    const reporter = createReporter({ lease, claim, plan, onWrite: watch.expectOwnWrite, onStatus: watch.observe })
    try {
      return await runTraining({ claim, plan, child, chunks, lease, watch, reporter, patience })
    } catch (error) {
      if (watch.stop() === 'lost') return null
      const closing = closingFor(error)
      log.error({ err: error, job: claim.jobId }, closing ? `training stopped: ${closing.to}` : 'training stopped, the job will be freed')
      return closing && (await reporter.close(closing))
    } finally {
      patience.end()
      watch.close()
    }
  }

  /** The plan of a job; a job that has none, which validation should have refused, fails. */
  const planOrFail = async (claim: Claim): Promise<Plan | null> => {
    try {
      return planOf(claim)
    } catch (error) {
      log.error({ err: error, job: claim.jobId }, 'the job has no plan')
      const closing: Closing = { to: 'failed', code: 'INTERNAL', message: 'The job cannot be planned; the log of the worker says why.' }
      await lease.commit(claim, { epochs: [], state: null, fraction: 0, engine: null, events: [], closing })
      return null
    }
  }

  /** Gets the child ready for the next job, or replaces it where it won't forget this one. */
  const giveBack = async ({ child, keep, discard }: Lent<TrainingMethods>): Promise<void> => {
    try {
      const { rss } = await child.call('close', null)
      keep(rss)
    } catch {
      await discard()
    }
  }

  /** Trains one job, if one is runnable: false where none was. `signal`: the worker closes, and hands the job back. */
  const process = async (signal: AbortSignal): Promise<boolean> => {
    const lent = await pool.take(signal)
    if (!lent) return false
    try {
      const claim = signal.aborted ? null : await lease.claim({ gpu, any })
      if (!claim) return false
      log.info({ job: claim.jobId }, 'training')
      const plan = await planOrFail(claim)
      if (!plan) return true
      const status = await train(claim, plan, lent.child, signal)
      log.info({ job: claim.jobId, status }, status === null ? 'lost the job' : 'done')
      if (status === 'queued') await bell.ring(queues.training, claim.jobId)
      return true
    } finally {
      await giveBack(lent)
    }
  }

  return { process }
}

export type Processor = ReturnType<typeof createProcessor>
