/** A wake-up for a call: look it up, have the inference child answer it, write the answer into its row. */

import { Problem } from '../../src/contracts/error-codes.ts'
import { type Call, type CallAnswer, callTimeoutMs } from '../../src/contracts/inference.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { AnswerRepository, TrainedJob } from '../../src/features/inference/answer.repository.ts'
import type { Log } from '../../src/platform/log.ts'
import { ChildFailure, ChildGone } from '../rpc/child-host.ts'
import type { ChildPool, Lent } from '../rpc/child-pool.ts'
import { createKillTimer } from '../training/kill-timer.ts'
import { saysOutOfMemory } from '../training/out-of-memory.ts'
import type { InferenceMethods, Question } from './protocol.ts'

export type CallsProcessorOptions = {
  answers: AnswerRepository
  pool: Pick<ChildPool<InferenceMethods>, 'take'>
  /** The plan of a trained job. */
  planOf: (job: Pick<TrainedJob, 'config' | 'dataset'>) => Plan
  log: Log
  /** The clock, in milliseconds. */
  now?: () => number
}

/** Makes what answers the wake-up of calls. */
export const createInferenceProcessor = ({ answers, pool, planOf, log, now = () => performance.now() }: CallsProcessorOptions) => {
  const questionOf = async (call: Call): Promise<Question> => {
    if (call.kind !== 'predict') return call
    const job = await answers.trainedJob(call.request.jobId)
    if (!job) throw new Problem('CONFLICT', `Job ${call.request.jobId} has no weights yet`)
    const plan = planOf(job)
    // A job of an older version that failed in its first epoch.
    if (plan.data.transforms && !job.state.training.preprocessing)
      throw new Problem('CONFLICT', `Job ${call.request.jobId} ended before it knew how to prepare rows`)
    return { ...call, trained: { plan, state: job.state } }
  }

  /** Said by a child that goes on, or last by one that is gone. */
  const isForMemory = (error: unknown): boolean =>
    (error instanceof ChildFailure && saysOutOfMemory(error.message)) || (error instanceof ChildGone && saysOutOfMemory(error.lastWords))

  const problemOf = (error: unknown, isLate: boolean): CallAnswer => {
    if (isForMemory(error) && !isLate)
      return {
        ok: false,
        problem: { code: 'UNAVAILABLE', detail: 'The call needs more memory than the worker has: fewer values may fit', errors: [] },
      }
    if (error instanceof Problem) return { ok: false, problem: { code: error.code, detail: error.message, errors: error.errors } }
    return { ok: false, problem: { code: isLate ? 'ENGINE_TIMEOUT' : 'INTERNAL', detail: 'The call could not be answered' } }
  }

  /**
   * What the child says, or a problem if it fails. A call that takes too long loses its child, so that others go
   * on, and so does one for which there is no memory; null if the child died of something else, or the worker closes.
   */
  const ask = async (question: Question, deadline: number, signal: AbortSignal): Promise<CallAnswer | null> => {
    const lent = await pool.take(signal)
    if (!lent) return null
    const leftMs = deadline - now()
    const killTimer = createKillTimer(lent.child, leftMs)
    try {
      if (leftMs <= 0) return problemOf(undefined, true)
      killTimer.start()
      return await lent.child.call('answer', question)
    } catch (error) {
      log.error({ err: error, kind: question.kind }, 'a call failed')
      // What ran out of memory once does not give it back: the next call gets a new child.
      if (isForMemory(error)) await lent.child.kill()
      else if (error instanceof ChildGone && !killTimer.isLost()) return null
      return problemOf(error, killTimer.isLost())
    } finally {
      killTimer.end()
      void giveBack(lent)
    }
  }

  /** Gives the child back for the next call, or replaces one that is gone or has grown too large. */
  const giveBack = async ({ child, keep, discard }: Lent<InferenceMethods>): Promise<void> => {
    try {
      keep(await child.call('rss', null))
    } catch {
      await discard()
    }
  }

  const respond = async (call: Call, deadline: number, signal: AbortSignal): Promise<CallAnswer | null> => {
    try {
      const question = await questionOf(call)
      const answer = (await ask(question, deadline, signal)) ?? (await ask(question, deadline, signal))
      return answer ?? (signal.aborted ? null : problemOf(undefined, false))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return problemOf(error, false)
    }
  }

  const inHand = new Map<string, Promise<void>>()
  const closing = new AbortController()

  /** Answers one call, once however often it is told of it. A call that nobody waits for any more is left alone. */
  const process = (id: string, signal: AbortSignal): Promise<void> => {
    const answered = inHand.get(id) ?? answerCall(id, signal).finally(() => inHand.delete(id))
    inHand.set(id, answered)
    return answered
  }

  /** Answers calls that no wake-up told of; those of other workers may be among them, and their first answer stands. */
  const start = (ids: string[]): void => {
    for (const id of ids) process(id, closing.signal).catch((error: unknown) => log.error({ err: error }, 'a call could not be answered'))
  }

  const close = async (): Promise<void> => {
    closing.abort()
    await Promise.allSettled(inHand.values())
  }

  const answerCall = async (id: string, signal: AbortSignal): Promise<void> => {
    const found = await answers.find(id)
    const leftMs = callTimeoutMs - (found?.ageMs ?? callTimeoutMs)
    if (!found || leftMs <= 0) return
    const answer = await respond(found.call, now() + leftMs, signal)
    if (answer) await answers.answer(id, answer)
  }

  return { process, start, close }
}
