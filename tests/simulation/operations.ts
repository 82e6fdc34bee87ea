/** What can happen to a job and to those who work on it, in any order. */
import fc from 'fast-check'
import type { JobAction } from '../../src/contracts/lifecycle.ts'

/** `job` and `claim` count round and round over what there is, so that most operations find something, also a stale thing. */
export type Operation =
  | { does: 'submit' }
  | { does: 'claim' }
  | { does: 'heartbeat'; claim: number }
  /** So many epochs after those that this claim has written, with the checkpoint of the last of them unless left out. */
  | { does: 'commit'; claim: number; epochs: number; saved: boolean; lostAnswer: boolean }
  | { does: 'close'; claim: number; to: 'succeeded' | 'failed' | 'cancelled' | 'paused' | 'queued' | 'crashed'; epochs: number }
  | { does: 'act'; job: number; action: JobAction }
  /** The lease of one job, or of all, has run out by the database's clock. */
  | { does: 'runOut'; job: number | null }
  | { does: 'sweep' }
  | { does: 'remove'; job: number }

/** Two at the same time: whichever comes first, the outcome is that of one order. */
export type Step = Operation | { does: 'together'; first: Operation; second: Operation }

const any = fc.nat(1000)

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Operation>({ does: 'submit' }) },
  { weight: 5, arbitrary: fc.constant<Operation>({ does: 'claim' }) },
  { weight: 2, arbitrary: any.map((claim): Operation => ({ does: 'heartbeat', claim })) },
  {
    weight: 7,
    arbitrary: fc.record({
      does: fc.constant('commit' as const),
      claim: any,
      epochs: fc.integer({ min: 0, max: 3 }),
      saved: fc.boolean(),
      lostAnswer: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('close' as const),
      claim: any,
      to: fc.constantFrom('succeeded', 'failed', 'cancelled', 'paused', 'queued', 'crashed', 'crashed'),
      epochs: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('act' as const), job: any, action: fc.constantFrom('cancel', 'pause', 'resume') }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('runOut' as const), job: fc.option(any) }) },
  { weight: 3, arbitrary: fc.constant<Operation>({ does: 'sweep' }) },
  { weight: 1, arbitrary: any.map((job): Operation => ({ does: 'remove', job })) },
)

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: operation },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('together' as const), first: operation, second: operation }) },
  ),
  { minLength: 5, maxLength: 30 },
)
