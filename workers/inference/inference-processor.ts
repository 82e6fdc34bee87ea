/** An inference request in hand: have the inference child answer it, and write the answer into its row. */

import { Problem } from '../../src/contracts/error-codes.ts'
import { type InferenceAnswer, type InferenceRequest, inferenceTimeoutMs, type PredictRequest } from '../../src/contracts/inference.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { ModelRepository, TrainedJob } from '../../src/features/inference/model.repository.ts'
import type { RequestRepository, TakenRequest } from '../../src/features/inference/request.repository.ts'
import type { Log } from '../../src/platform/log.ts'
import { ChildFailure, ChildGone } from '../rpc/child-host.ts'
import type { ChildPool } from '../rpc/child-pool.ts'
import { createKillTimer } from '../training/kill-timer.ts'
import { saysOutOfMemory } from '../training/out-of-memory.ts'
import type { InferenceMethods, PreparedRequest, Trained } from './protocol.ts'

export type InferenceProcessorOptions = {
  requests: Pick<RequestRepository, 'answer'>
  models: ModelRepository
  pool: Pick<ChildPool<InferenceMethods>, 'take'>
  /** The plan of a trained job. */
  planOf: (job: Pick<TrainedJob, 'config' | 'dataset'>) => Plan
  log: Log
  /** The clock, in milliseconds. */
  now?: () => number
}

/** Makes what answers a request that was taken. */
export const createInferenceProcessor = ({
  requests,
  models,
  pool,
  planOf,
  log,
  now = () => performance.now(),
}: InferenceProcessorOptions) => {
  /** The model as the child takes it. */
  const load = async ({ jobId, epoch }: PredictRequest): Promise<Trained> => {
    const job = await models.trainedJob(jobId, epoch)
    if (!job) throw new Problem('CONFLICT', `Job ${jobId} has no weights${epoch === undefined ? ' yet' : ` of epoch ${epoch}`}`)
    const plan = planOf(job)
    // A job of an older version that failed in its first epoch.
    if (plan.data.transforms && !job.state.training.preprocessing)
      throw new Problem('CONFLICT', `Job ${jobId} ended before it knew how to prepare rows`)
    return { plan, state: job.state }
  }

  /** Said by a child that goes on, or last by one that is gone. */
  const isForMemory = (error: unknown): boolean =>
    (error instanceof ChildFailure && saysOutOfMemory(error.message)) || (error instanceof ChildGone && saysOutOfMemory(error.lastWords))

  const problemOf = (error: unknown, isLate: boolean): InferenceAnswer => {
    if (isForMemory(error) && !isLate)
      return {
        ok: false,
        problem: { code: 'UNAVAILABLE', detail: 'The request needs more memory than the worker has: fewer values may fit', errors: [] },
      }
    if (error instanceof Problem) return { ok: false, problem: { code: error.code, detail: error.message, errors: error.errors } }
    return { ok: false, problem: { code: isLate ? 'ENGINE_TIMEOUT' : 'INTERNAL', detail: 'The request could not be answered' } }
  }

  /**
   * What the child says, or a problem if it fails. A request that takes too long loses its child, so that others go
   * on, and so does one for which there is no memory; `gone` if the child died of something else, or the worker closes.
   */
  const ask = async (prepared: PreparedRequest, deadline: number, signal: AbortSignal): Promise<InferenceAnswer | 'gone' | 'lacking'> => {
    const lent = await pool.take(signal)
    if (!lent) return 'gone'
    const leftMs = deadline - now()
    const killTimer = createKillTimer(lent.child, leftMs)
    let held = 0
    try {
      if (leftMs <= 0) return problemOf(undefined, true)
      killTimer.start()
      const { answer, rss } = await lent.child.call('answer', prepared)
      held = rss
      return answer ?? 'lacking'
    } catch (error) {
      log.error({ err: error, kind: prepared.kind }, 'an inference request failed')
      // What ran out of memory once does not give it back: the next request gets a new child.
      if (isForMemory(error)) await lent.child.kill()
      else if (error instanceof ChildGone && !killTimer.isLost()) return 'gone'
      return problemOf(error, killTimer.isLost())
    } finally {
      killTimer.end()
      lent.keep(held)
    }
  }

  /** A child that dies is given one successor; null if the worker closes. */
  const insist = async (prepared: PreparedRequest, deadline: number, signal: AbortSignal): Promise<InferenceAnswer | 'lacking' | null> => {
    for (let child = 0; child < 2 && !signal.aborted; child++) {
      const said = await ask(prepared, deadline, signal)
      if (said !== 'gone') return said
    }
    return signal.aborted ? null : problemOf(undefined, false)
  }

  /** What a child says that has the model, or is given it. */
  const respond = async (prepared: PreparedRequest, deadline: number, signal: AbortSignal): Promise<InferenceAnswer | null> => {
    const said = await insist(prepared, deadline, signal)
    if (said !== 'lacking') return said
    if (prepared.kind !== 'predict') return problemOf(undefined, false)
    const again = await insist({ ...prepared, trained: await load(prepared.request) }, deadline, signal)
    return again === 'lacking' ? problemOf(undefined, false) : again
  }

  const answerTo = async (prepared: PreparedRequest, deadline: number, signal: AbortSignal): Promise<InferenceAnswer | null> => {
    try {
      return await respond(prepared, deadline, signal)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return problemOf(error, false)
    }
  }

  /** Answers a request in hand; one whose time is over is left alone. */
  return async (taken: TakenRequest, signal: AbortSignal): Promise<void> => {
    const leftMs = inferenceTimeoutMs - taken.ageMs
    if (leftMs <= 0) return
    const answer = await answerTo(prepare(taken), now() + leftMs, signal)
    if (answer) await requests.answer(taken.id, answer)
  }
}

/** Weights change with the revision of their job, those of an epoch never. */
const prepare = ({ id, kind, request, revision }: TakenRequest): PreparedRequest => {
  const inference = { id, kind, request } as InferenceRequest
  if (inference.kind !== 'predict') return inference
  const { jobId, epoch } = inference.request
  return { ...inference, model: epoch === undefined ? `${jobId} ${revision}` : `${jobId} of ${epoch}` }
}
