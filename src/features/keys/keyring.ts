/** Who a secret belongs to. Keys of the environment need no database; stored ones are read again once a second. */
import { timingSafeEqual } from 'node:crypto'
import { Problem } from '../../contracts/error-codes.ts'
import { createSharedReads } from '../jobs/shared-reads.ts'
import { createBatchedReads } from './batched-reads.ts'
import type { ConfiguredKeys } from './configured-keys.ts'
import type { CheckedKey, KeyRepository } from './key.repository.ts'
import { type Caller, hashOf, idOf } from './key.ts'

/** Who acts if no keys are configured. */
export const openTenant = 'default'

/** For how long a stored key is taken as it was read, in milliseconds. */
const keyFreshMs = 1000
/** Stored keys that are kept so, and read by one statement. */
const keptKeys = 1000
const readAtOnce = 200
/** How exact `lastUsedAt` is, in milliseconds. */
const usedMs = 60_000

type Collaborators = {
  configured: ConfiguredKeys
  operators: ConfiguredKeys
  stored: Pick<KeyRepository, 'readAll' | 'hasAny' | 'touch'>
  /** Requests a minute of keys of which nothing else is said. */
  rateLimit?: number | undefined
  freshMs?: number
  onError?: (error: unknown) => void
}

export const createKeyring = ({
  configured,
  operators,
  stored,
  rateLimit = undefined,
  freshMs = keyFreshMs,
  onError = () => {},
}: Collaborators) => {
  const open = configured.isEmpty
  const defaultLimit = rateLimit ?? null
  const anyone: Caller = { id: 'anyone', tenant: openTenant, scope: 'admin', rateLimit: null, key: null }
  const reads = createSharedReads<string, CheckedKey | null>(createBatchedReads(stored.readAll, readAtOnce), { freshMs, max: keptKeys })
  const held = new Map<string, Set<() => void>>()

  /**
   * The caller who shows this secret; null if nobody has it. Waits for the database only for keys that lie there.
   * @throws Problem UNAUTHENTICATED if the key was revoked or has expired
   */
  const find = (secret: string | undefined): Caller | null | Promise<Caller | null> => {
    if (open) return anyone
    if (!secret) return null
    const hash = hashOf(secret)
    const own = configured.find(hash)
    if (own) return { id: `env ${own.position}`, tenant: own.name, scope: 'admin', rateLimit: defaultLimit, key: null }
    const operator = operators.find(hash)
    if (operator) return { id: `operator ${operator.position}`, tenant: null, scope: 'operator', rateLimit: null, key: null }
    const id = idOf(secret)
    return id === null ? null : findStored(id, hash)
  }

  const findStored = async (id: string, hash: Buffer): Promise<Caller | null> => {
    const key = await reads.get(id)
    if (!key || !timingSafeEqual(key.hash, hash)) return null
    if (key.revokedAt) throw refused(`was revoked at ${key.revokedAt.toISOString()}`)
    if (hasExpired(key)) throw refused(`expired at ${key.expiresAt?.toISOString()}`)
    use(key)
    return { id, tenant: key.tenant, scope: key.scope, rateLimit: key.rateLimit ?? defaultLimit, key }
  }

  /** Notes the use of a key beside its request, and once a minute only. */
  const use = (key: CheckedKey): void => {
    const now = Date.now()
    if (key.lastUsedAt && now - key.lastUsedAt.getTime() < usedMs) return
    // Others who were given this row must not note it too.
    key.lastUsedAt = new Date(now)
    stored.touch(key.id).catch(onError)
  }

  /** Calls `end` if the caller's key ends while its answer is still open. Returns what to call once the answer is through. */
  const hold = ({ key }: Caller, end: () => void): (() => void) => {
    if (!key) return () => {}
    const ends = held.get(key.id) ?? new Set()
    held.set(key.id, ends.add(end))
    return () => {
      ends.delete(end)
      if (ends.size === 0 && held.get(key.id) === ends) held.delete(key.id)
    }
  }

  const endRevoked = async (): Promise<void> => {
    const ids = [...held.keys()]
    const keys = await Promise.all(ids.map(reads.get))
    for (const [at, key] of keys.entries()) {
      if (key && !key.revokedAt && !hasExpired(key)) continue
      const ends = held.get(ids[at] ?? '')
      held.delete(ids[at] ?? '')
      for (const end of ends ?? []) end()
    }
  }
  // While the database is away nobody knows, and what is open stays open.
  const watching = setInterval(() => {
    if (held.size > 0) endRevoked().catch(onError)
  }, freshMs)
  watching.unref()

  /** Whether a tenant has a key, so that what was given away in its name still counts. */
  const knows = async (tenant: string): Promise<boolean> =>
    open ? tenant === openTenant : configured.has(tenant) || (await stored.hasAny(tenant))

  return { find, hold, knows, open, hasOperators: !operators.isEmpty, close: (): void => clearInterval(watching) }
}

export type Keyring = ReturnType<typeof createKeyring>

const hasExpired = ({ isExpired, expiresAt }: CheckedKey): boolean => isExpired || (expiresAt !== null && expiresAt.getTime() <= Date.now())

const refused = (message: string): Problem => new Problem('UNAUTHENTICATED', `This key ${message}: ask an admin for another`)
