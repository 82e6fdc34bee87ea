/** A wake-up for an inference request: look it up, have the inference child answer it, write the answer into its row. */

import { Problem } from '../../src/contracts/error-codes.ts'
import { type InferenceAnswer, type InferenceRequest, inferenceTimeoutMs } from '../../src/contracts/inference.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { AnswerRepository, TrainedJob } from '../../src/features/inference/answer.repository.ts'
import type { Log } from '../../src/platform/log.ts'
import { ChildFailure, ChildGone } from '../rpc/child-host.ts'
import type { ChildPool, Lent } from '../rpc/child-pool.ts'
import { createKillTimer } from '../training/kill-timer.ts'
import { saysOutOfMemory } from '../training/out-of-memory.ts'
import type { InferenceMethods, PreparedRequest } from './protocol.ts'

export type InferenceProcessorOptions = {
  answers: AnswerRepository
  pool: Pick<ChildPool<InferenceMethods>, 'take'>
  /** The plan of a trained job. */
  planOf: (job: Pick<TrainedJob, 'config' | 'dataset'>) => Plan
  log: Log
  /** The clock, in milliseconds. */
  now?: () => number
}

/** Makes what answers the wake-up of inference requests. */
export const createInferenceProcessor = ({ answers, pool, planOf, log, now = () => performance.now() }: InferenceProcessorOptions) => {
  const prepare = async (inference: InferenceRequest): Promise<PreparedRequest> => {
    if (inference.kind !== 'predict') return inference
    const job = await answers.trainedJob(inference.request.jobId)
    if (!job) throw new Problem('CONFLICT', `Job ${inference.request.jobId} has no weights yet`)
    const plan = planOf(job)
    // A job of an older version that failed in its first epoch.
    if (plan.data.transforms && !job.state.training.preprocessing)
      throw new Problem('CONFLICT', `Job ${inference.request.jobId} ended before it knew how to prepare rows`)
    return { ...inference, trained: { plan, state: job.state } }
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
   * on, and so does one for which there is no memory; null if the child died of something else, or the worker closes.
   */
  const ask = async (prepared: PreparedRequest, deadline: number, signal: AbortSignal): Promise<InferenceAnswer | null> => {
    const lent = await pool.take(signal)
    if (!lent) return null
    const leftMs = deadline - now()
    const killTimer = createKillTimer(lent.child, leftMs)
    try {
      if (leftMs <= 0) return problemOf(undefined, true)
      killTimer.start()
      return await lent.child.call('answer', prepared)
    } catch (error) {
      log.error({ err: error, kind: prepared.kind }, 'an inference request failed')
      // What ran out of memory once does not give it back: the next request gets a new child.
      if (isForMemory(error)) await lent.child.kill()
      else if (error instanceof ChildGone && !killTimer.isLost()) return null
      return problemOf(error, killTimer.isLost())
    } finally {
      killTimer.end()
      void giveBack(lent)
    }
  }

  /** Gives the child back for the next request, or replaces one that is gone or has grown too large. */
  const giveBack = async ({ child, keep, discard }: Lent<InferenceMethods>): Promise<void> => {
    try {
      keep(await child.call('rss', null))
    } catch {
      await discard()
    }
  }

  const respond = async (inference: InferenceRequest, deadline: number, signal: AbortSignal): Promise<InferenceAnswer | null> => {
    try {
      const prepared = await prepare(inference)
      const answer = (await ask(prepared, deadline, signal)) ?? (await ask(prepared, deadline, signal))
      return answer ?? (signal.aborted ? null : problemOf(undefined, false))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return problemOf(error, false)
    }
  }

  const inHand = new Map<string, Promise<void>>()
  const closing = new AbortController()

  /** Answers one request, once however often it is told of it. A request that nobody waits for any more is left alone. */
  const process = (id: string, signal: AbortSignal): Promise<void> => {
    const answered = inHand.get(id) ?? answerRequest(id, signal).finally(() => inHand.delete(id))
    inHand.set(id, answered)
    return answered
  }

  /** Answers requests that no wake-up told of; those of other workers may be among them, and their first answer stands. */
  const start = (ids: string[]): void => {
    for (const id of ids)
      process(id, closing.signal).catch((error: unknown) => log.error({ err: error }, 'an inference request could not be answered'))
  }

  const close = async (): Promise<void> => {
    closing.abort()
    await Promise.allSettled(inHand.values())
  }

  const answerRequest = async (id: string, signal: AbortSignal): Promise<void> => {
    const found = await answers.find(id)
    const leftMs = inferenceTimeoutMs - (found?.ageMs ?? inferenceTimeoutMs)
    if (!found || leftMs <= 0) return
    const answer = await respond(found.inference, now() + leftMs, signal)
    if (answer) await answers.answer(id, answer)
  }

  return { process, start, close }
}
