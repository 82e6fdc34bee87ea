/** `client.keys`: what an admin lets others do. */
import { createList, type List } from '../http/pages.ts'
import { segment } from '../http/query.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { CurrentKey, Key, KeyQuery, NewKey } from '../types.ts'

/** `tenant`: for whom, if the client's own key is an operator's. */
export type KeyCallOptions = CallOptions & { tenant?: string | undefined }

export const createKeys = (transport: Transport) => {
  const path = (id: string): string => `/v1/keys/${segment(id)}`

  /**
   * Makes a key. Only this answer has its `secret`; if it was lost and the request repeated, there is none: revoke the key then.
   * @throws ValidationError, ConflictError if the service takes no keys
   */
  const create = (key: NewKey, options: KeyCallOptions = {}): Promise<Key> =>
    transport.json('POST', '/v1/keys', { ...forTenant(options), body: key })

  /** Newest first, those that are no longer in force too. */
  const list = (query: KeyQuery = {}, options: KeyCallOptions = {}): List<Key> =>
    createList((after) => transport.json('GET', '/v1/keys', { ...forTenant(options), query: { ...query, after: after ?? query.after } }))

  const get = (id: string, options: KeyCallOptions = {}): Promise<Key> => transport.json('GET', path(id), forTenant(options))

  /** What the client's own key may do. */
  const current = (options: KeyCallOptions = {}): Promise<CurrentKey> => transport.json('GET', '/v1/keys/current', forTenant(options))

  /** Within two seconds it is refused everywhere. */
  const revoke = (id: string, options: KeyCallOptions = {}): Promise<void> => transport.json('DELETE', path(id), forTenant(options))

  return { create, list, get, current, revoke }
}

const forTenant = ({ tenant, ...options }: KeyCallOptions): CallOptions & { headers: Record<string, string> } => ({
  ...options,
  headers: tenant === undefined ? {} : { 'x-tenant': tenant },
})
