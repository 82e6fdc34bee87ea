/** One effect per Idempotency-Key: the first answer is kept and replayed to whoever repeats the request. */
import { randomUUID } from 'node:crypto'
import { Problem } from '../../contracts/error-codes.ts'
import type { OnStored } from '../on-stored.ts'
import type { Holder, IdempotencyRepository, Outcome, StoredAnswer, StoredKey } from './idempotency.repository.ts'

/** A request that carries a key. `fingerprint` is of method, path and body, and known once the body has been read. */
export type KeyedRequest = {
  tenant: string
  key: string
  fingerprint: () => Promise<string>
  /** False once nobody waits for an answer any more. */
  isOpen: () => boolean
}

/** The first request of its key. */
export type FirstRequest = KeyedRequest & Holder

/** What a repeat gets: the first answer, or what is known of it, its process having died before it was sent. */
export type Known = Exclude<StoredKey, { state: 'running' }>

const mismatch = 'This Idempotency-Key was sent before with another path or body: take a new key for a new request'

type Collaborators = { keys: IdempotencyRepository; renewMs?: number; onError?: (error: unknown) => void }

export const createIdempotencyService = ({ keys, renewMs = 5000, onError = () => {} }: Collaborators) => {
  const running = new Map<string, FirstRequest>()

  // A process that dies renews nothing: the keys of its requests are free soon.
  const renewing = setInterval(() => {
    for (const [token, { isOpen }] of running) if (!isOpen()) running.delete(token)
    if (running.size > 0) keys.renew([...running.keys()]).catch(onError)
  }, renewMs)
  renewing.unref()

  /**
   * Starts a request: it is the first and must run, or else what came of the first one.
   * @throws Problem IDEMPOTENCY_IN_PROGRESS while the first runs, IDEMPOTENCY_MISMATCH if it was another request
   */
  const begin = async (request: KeyedRequest): Promise<{ first: FirstRequest } | { known: Known }> => {
    const first = { ...request, token: randomUUID() }
    if (await keys.reserve(first)) {
      running.set(first.token, first)
      return { first }
    }
    const known = await keys.find(request.tenant, request.key)
    if (!known) return begin(request)
    if (known.state === 'running') throw new Problem('IDEMPOTENCY_IN_PROGRESS')
    if (known.fingerprint !== (await request.fingerprint())) throw new Problem('IDEMPOTENCY_MISMATCH', mismatch)
    return { known }
  }

  /**
   * Writes what the first request does into its key's row, in the same transaction: a repeat finds it also if the process
   * dies before it answers. The transaction fails if somebody else has taken the key over.
   */
  const recording = (first: FirstRequest, outcomeOf: (id: string) => Outcome): OnStored => ({
    ready: async () => {
      await first.fingerprint()
    },
    write: async (client, id) => {
      if (!(await keys.record(client, first, await first.fingerprint(), outcomeOf(id)))) throw new Problem('IDEMPOTENCY_IN_PROGRESS')
    },
  })

  /** Ends the first request: its answer is kept, but a failure of ours, or an answer that was streamed, frees the key of a request that did nothing. */
  const end = async (first: FirstRequest, answer: Omit<StoredAnswer, 'body'> & { body: string | null }): Promise<void> => {
    running.delete(first.token)
    // Nobody waits for it: if the database is away, the key is free when its time is over.
    const { body } = answer
    if (answer.status >= 500 || body === null) void abandon(first)
    else await keys.complete(first, await first.fingerprint(), { ...answer, body })
  }

  /** Frees the key of a request that came to nothing. */
  const abandon = (first: FirstRequest): Promise<void> => {
    running.delete(first.token)
    return keys.release(first).catch(onError)
  }

  const close = (): void => clearInterval(renewing)

  return { begin, recording, end, abandon, close }
}

export type IdempotencyService = ReturnType<typeof createIdempotencyService>
