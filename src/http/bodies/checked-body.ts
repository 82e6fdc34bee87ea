import { Problem } from '../../contracts/error-codes.ts'
import { ReadUpload } from '../../features/datasets/formats/upload-format.ts'
import type { BodyOutcome } from './body-outcome.ts'

/** A body that another thread has read and checked already: what validation makes of it is known. */
export class CheckedBody {
  readonly #outcome: Exclude<BodyOutcome, { unreadable: unknown }>

  constructor(outcome: Exclude<BodyOutcome, { unreadable: unknown }>) {
    this.#outcome = outcome
  }

  /** What a validator answers: the value that takes the body's place, or why it is refused. */
  validate(): { value: unknown } | { error: Problem } {
    const outcome = this.#outcome
    if ('invalid' in outcome) return { error: new Problem(outcome.invalid.code, outcome.invalid.detail, outcome.invalid.errors) }
    return { value: 'upload' in outcome ? new ReadUpload(outcome.upload) : outcome.value }
  }
}
