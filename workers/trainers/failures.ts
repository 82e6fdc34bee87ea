/** What a failure makes of what a trainer was asked: it is tried again, a few times, and then given up with a problem. */

import { type JobErrorCode, jobErrorCodes, type ProblemCode, type ValidationError } from '../../src/contracts/error-codes.ts'
import type { TrainerError } from '../../src/contracts/trainer.ts'
import { isDatabaseUnavailable } from '../../src/platform/db/unavailable.ts'
import { ChildFailure, ChildGone } from '../rpc/child-host.ts'
import { saysOutOfMemory } from '../training/out-of-memory.ts'

/** Failures in a row, of the same request, after which it is tried no more. */
const maxFailures = 5

/** The problem of what is given up, and what the trainer then shows of it. */
export type GivenUp = { problem: { code: ProblemCode; detail: string; errors: ValidationError[] }; error: TrainerError }

/** `seq`: of the request that waits, if one does; `isOpening`: whether the trainer did not even open. */
type Failed = { seq: number | null; isOpening: boolean }

export const createFailures = () => {
  const counts = new Map<string, { seq: number | null; count: number }>()

  /** Null if it is to be tried again. */
  const failed = (id: string, error: unknown, { seq, isOpening }: Failed): GivenUp | null => {
    const code = lastingCode(error)
    const before = counts.get(id)
    const count = before?.seq === seq ? before.count + 1 : 1
    counts.set(id, { seq, count })
    if (!code && count < maxFailures) return null
    counts.delete(id)
    return code ? givenUp('CONFLICT', code, `The trainer cannot be opened: ${messageOf(error)}`) : whatNeverPassed(error, isOpening)
  }

  return { failed, forget: (id: string): void => void counts.delete(id) }
}

/** Whether memory ran out in a process that lives: what ran out of it once does not give it back. */
export const isForMemory = (error: unknown): boolean => error instanceof ChildFailure && saysOutOfMemory(error.message)

const whatNeverPassed = (error: unknown, isOpening: boolean): GivenUp => {
  // It answers, but does not do this: a statement that takes too long for it, or more than it has room for.
  if (isDatabaseUnavailable(error)) return givenUp('UNAVAILABLE', 'INTERNAL', 'The database gave up again and again on what this takes')
  if (!isForMemory(error) && !(error instanceof ChildGone))
    return givenUp('INTERNAL', 'INTERNAL', 'The trainer could not go on; the log of the worker says why')
  const what = isOpening ? 'opening the trainer' : 'this request'
  const code = isForMemory(error) ? 'OUT_OF_MEMORY' : 'WORKER_CRASHED'
  return givenUp('UNAVAILABLE', code, `The process died of ${what} again and again: there may not be enough memory for it`)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Of what would fail again. */
const lastingCode = (error: unknown): JobErrorCode | undefined =>
  error instanceof ChildFailure ? jobErrorCodes.find((known) => known === error.code) : undefined

const givenUp = (code: ProblemCode, errorCode: JobErrorCode, message: string): GivenUp => ({
  problem: { code, detail: message, errors: [] },
  error: { code: errorCode, message },
})
