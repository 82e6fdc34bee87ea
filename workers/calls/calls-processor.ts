/** A bell rang for a call: look it up, have the calls child answer it, write the answer into its row. */
import { type Call, type CallAnswer, callTimeoutMs } from '../../src/contracts/calls.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { Problem } from '../../src/contracts/problems.ts'
import type { AnswerRepository, TrainedJob } from '../../src/features/calls/answer.repository.ts'
import type { Log } from '../../src/platform/log.ts'
import type { ChildPool } from '../rpc/child-pool.ts'
import { createPatience } from '../training/patience.ts'
import type { CallMethods, Question } from './protocol.ts'

export type CallsProcessorOptions = {
  answers: AnswerRepository
  pool: ChildPool<CallMethods>
  /** The plan of a trained job. */
  planOf: (job: Pick<TrainedJob, 'config' | 'dataset'>) => Plan
  log: Log
}

/** Makes what answers the bell of calls. */
export const createCallsProcessor = ({ answers, pool, planOf, log }: CallsProcessorOptions) => {
  const questionOf = async (call: Call): Promise<Question> => {
    if (call.kind !== 'predict') return call
    const job = await answers.trainedJob(call.request.jobId)
    if (!job) throw new Problem('CONFLICT', `Job ${call.request.jobId} has no weights yet`)
    return { ...call, trained: { plan: planOf(job), state: job.state } }
  }

  /** What the child says, or a problem where it fails. A call that takes too long loses its child, so that others go on. */
  const ask = async (call: Call, leftMs: number, signal: AbortSignal): Promise<CallAnswer | null> => {
    const lent = await pool.take(signal)
    if (!lent) return null
    const patience = createPatience(lent.child, leftMs)
    patience.start()
    try {
      const answer = await lent.child.call('answer', await questionOf(call))
      lent.keep(0)
      return answer
    } catch (error) {
      if (error instanceof Problem) {
        lent.keep(0)
        return { ok: false, problem: { code: error.code, detail: error.message, errors: error.faults } }
      }
      log.error({ err: error, call: call.id, kind: call.kind }, 'a call failed')
      if (lent.child.isGone()) await lent.discard()
      else lent.keep(0)
      return { ok: false, problem: { code: patience.isLost() ? 'ENGINE_TIMEOUT' : 'INTERNAL', detail: 'The call could not be answered' } }
    } finally {
      patience.end()
    }
  }

  /** Answers one call. A call that nobody waits for any more is left alone. */
  const process = async (id: string, signal: AbortSignal): Promise<void> => {
    const found = await answers.find(id)
    const leftMs = callTimeoutMs - (found?.ageMs ?? callTimeoutMs)
    if (!found || leftMs <= 0) return
    const answer = await ask(found.call, leftMs, signal)
    if (answer) await answers.answer(id, answer)
  }

  return { process }
}
