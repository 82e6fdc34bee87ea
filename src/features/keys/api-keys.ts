/** API keys: secrets are kept as hashes and compared in a time that tells nothing about them. */
import { createHash, timingSafeEqual } from 'node:crypto'

/** Who acts if no keys are configured. */
export const openTenant = 'default'

/** A reader of keys: the tenant whose secret it is, or null. Without any keys (`open`) everyone is the open tenant. */
export const createApiKeys = (keys: readonly { tenant: string; secret: string }[]) => {
  const hashed = keys.map(({ tenant, secret }) => ({ tenant, hash: sha256(secret) }))

  const tenantOf = (secret: string | undefined): string | null => {
    if (hashed.length === 0) return openTenant
    if (!secret) return null
    const given = sha256(secret)
    // Every key is compared, so that the time doesn't say which one came close.
    return hashed.reduce<string | null>((found, { tenant, hash }) => (timingSafeEqual(hash, given) ? tenant : found), null)
  }

  /** Whether it is the tenant of a key. */
  const knows = (tenant: string): boolean => (keys.length === 0 ? tenant === openTenant : keys.some((key) => key.tenant === tenant))

  return { tenantOf, knows, open: hashed.length === 0 }
}

export type ApiKeys = ReturnType<typeof createApiKeys>

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
