/** One effect per Idempotency-Key: the first answer is kept and replayed to whoever repeats the request. */
import { Problem } from '../../contracts/problems.ts'
import type { IdempotencyRepository, StoredAnswer } from './idempotency.repository.ts'

/** A request that carries a key. `fingerprint` is of method, path and body, and known once the body has been read. */
export type KeyedRequest = { tenant: string; key: string; fingerprint: () => Promise<string> }

const mismatch = 'This Idempotency-Key was sent before with another path or body: take a new key for a new request'

export const createIdempotencyService = ({ keys }: { keys: IdempotencyRepository }) => {
  /**
   * Starts a request: null where it is the first and must run; else the first one's answer.
   * @throws Problem IDEMPOTENCY_IN_PROGRESS while the first runs, IDEMPOTENCY_MISMATCH where it was another request
   */
  const begin = async ({ tenant, key, fingerprint }: KeyedRequest): Promise<StoredAnswer | null> => {
    if (await keys.reserve(tenant, key, '')) return null
    const known = await keys.find(tenant, key)
    if (!known) return begin({ tenant, key, fingerprint })
    if (!known.answer) throw new Problem('IDEMPOTENCY_IN_PROGRESS')
    if (known.fingerprint !== (await fingerprint())) throw new Problem('IDEMPOTENCY_MISMATCH', mismatch)
    return known.answer
  }

  /** Ends the first request: its answer is kept, but a failure of ours frees the key. */
  const end = async ({ tenant, key, fingerprint }: KeyedRequest, answer: StoredAnswer): Promise<void> => {
    if (answer.status >= 500) await keys.release(tenant, key)
    else await keys.complete(tenant, key, await fingerprint(), answer)
  }

  /** Frees the key of a request that got no answer. */
  const abandon = ({ tenant, key }: KeyedRequest): Promise<void> => keys.release(tenant, key)

  return { begin, end, abandon }
}

export type IdempotencyService = ReturnType<typeof createIdempotencyService>
