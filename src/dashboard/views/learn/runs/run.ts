/** What a step does when it is run. */
import { ApiError } from '../../../api/problem.ts'
import type { Config } from '../../new-job/draft.ts'
import type { Answer, AnswerOf } from '../answers.ts'
import type { Step, StepKind } from '../chapters/chapter.ts'

export type RunInput = {
  step: Step
  /** What the reader made of the step's body. */
  body: Config
  /** The chosen `{type}`. */
  type: string
  /** Steps of descent to go on by, from what was answered before; 0 begins anew. */
  more: number
  before: Answer | undefined
  /** The answer of the nearest earlier step of a kind. @throws Error if there is none */
  find: <Kind extends StepKind>(kind: Kind) => AnswerOf<Kind>
  /** Shows an answer, maybe one that is still growing. */
  tell: (answer: Answer) => void
  /** The reader leaves or stops it: what goes on at the service is ended. */
  signal: AbortSignal
}

/** @throws ApiError, or an AbortError once `signal` aborts */
export type Run = (input: RunInput) => Promise<void>

/** A field that the page itself reads is wrong. */
export const invalid = (path: string, message: string): ApiError =>
  new ApiError(422, 'VALIDATION_FAILED', 'The step cannot be taken like this', [{ path, code: 'invalid', message }])

/** Resolves after a while, or rejects once `signal` aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((done, failed) => {
    if (signal.aborted) return failed(signal.reason)
    const giveUp = (): void => {
      clearTimeout(timer)
      failed(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp)
      done()
    }, ms)
    signal.addEventListener('abort', giveUp, { once: true })
  })
