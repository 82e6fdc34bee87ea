/** A key as the features see it, and its secret: `ty_`, the letters of its id, and 256 random bits. */
import { createHash, randomBytes } from 'node:crypto'
import type { KeyResource, Scope } from '../../api/key.schema.ts'

export type ApiKey = {
  id: string
  tenant: string
  name: string | null
  scope: Scope
  rateLimit: number | null
  createdAt: Date
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
}

/** Who sends a request. */
export type Caller = {
  /** What its requests are counted by. */
  id: string
  /** Whose things it reaches; null: an operator, who says it with each request. */
  tenant: string | null
  scope: Scope | 'operator'
  /** Requests a minute; null: any number. */
  rateLimit: number | null
  /** The stored key that it showed; null for a key of the environment, and for none. */
  key: ApiKey | null
}

/** A new secret of the key with this id. */
export const newSecret = (id: string): string => `ty_${id.slice(prefix.length)}_${randomBytes(32).toString('base64url')}`

/** The id in a secret; null if it is none of ours. */
export const idOf = (secret: string): string | null => {
  const letters = /^ty_([0-9a-z]{26})_[\w-]{43}$/.exec(secret)?.[1]
  return letters === undefined ? null : `${prefix}${letters}`
}

/** What is kept of a secret. One round is enough: nobody can guess 256 random bits. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Whether one who has `scope` may do what asks for `needed`. */
export const includes = (scope: Caller['scope'], needed: Scope): boolean => ranks[scope] >= ranks[needed]

/** A key as the API shows it. */
export const toKeyResource = ({
  id,
  tenant,
  name,
  scope,
  rateLimit,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
}: ApiKey): KeyResource => ({
  id,
  tenant,
  name,
  scope,
  rateLimit,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  revokedAt: revokedAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
})

const prefix = 'key_'

const ranks: Record<Caller['scope'], number> = { read: 1, write: 2, admin: 3, operator: 4 }
