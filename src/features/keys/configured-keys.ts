/** Keys of the environment: secrets are kept as hashes and compared in a time that tells nothing about them. */
import { timingSafeEqual } from 'node:crypto'
import { hashOf } from './key.ts'

/** A key of the environment: whose it is, and which of them. */
export type ConfiguredKey = { name: string; position: number }

/** A reader of keys: the one whose secret it is, or null. */
export const createConfiguredKeys = (keys: readonly { tenant: string; secret: string }[]) => {
  const hashed = keys.map(({ tenant, secret }, position) => ({ key: { name: tenant, position }, hash: hashOf(secret) }))
  const names = new Set(keys.map(({ tenant }) => tenant))

  // Every key is compared, so that the time doesn't say which one came close.
  const find = (given: Buffer): ConfiguredKey | null =>
    hashed.reduce<ConfiguredKey | null>((found, { key, hash }) => (timingSafeEqual(hash, given) ? key : found), null)

  return { find, has: (name: string): boolean => names.has(name), isEmpty: keys.length === 0 }
}

export type ConfiguredKeys = ReturnType<typeof createConfiguredKeys>
