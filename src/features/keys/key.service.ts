/** What an admin does with the keys of a tenant. */
import { type CreateKey, type CurrentKeyResource, type KeyResource, maxKeys } from '../../api/key.schema.ts'
import { type Page, type PageRequest, toPage } from '../../api/page.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { shown } from '../../validation/validation-errors.ts'
import type { NewId } from '../ids.ts'
import { toMoment } from '../moment.ts'
import type { OnStored } from '../on-stored.ts'
import type { KeyRepository } from './key.repository.ts'
import { type Caller, hashOf, newSecret, toKeyResource } from './key.ts'

type Collaborators = {
  keys: Pick<KeyRepository, 'insert' | 'find' | 'list' | 'revoke'>
  newId: NewId
  /** No keys are configured: everybody may do everything. */
  open: boolean
}

export const createKeyService = ({ keys, newId, open }: Collaborators) => {
  /**
   * The only answer with the secret.
   * @throws Problem CONFLICT if the service is open or the tenant has too many keys, VALIDATION_FAILED for a time that is over
   */
  const create = async (
    tenant: string,
    { scope, name = null, expiresAt: end, rateLimit = null }: CreateKey,
    onStored?: OnStored,
  ): Promise<KeyResource> => {
    if (open) throw new Problem('CONFLICT', openService)
    const expiresAt = end === undefined || end === null ? null : requireFuture(end)
    const id = newId('key')
    const secret = newSecret(id)
    const hash = new Uint8Array(hashOf(secret))
    await onStored?.ready()
    const isStored = await keys.insert({ id, tenant, name, scope, rateLimit, expiresAt, hash }, async (client) =>
      onStored?.write(client, id),
    )
    if (!isStored) throw new Problem('CONFLICT', `There are ${maxKeys} keys already: revoke some of them`)
    return { ...(await get(tenant, id)), secret }
  }

  const get = async (tenant: string, id: string): Promise<KeyResource> => {
    const found = await keys.find(tenant, id)
    if (!found) throw notFound(id)
    return toKeyResource(found)
  }

  const list = async (tenant: string, page: PageRequest): Promise<Page<KeyResource>> => {
    const { rows, hasMore } = await keys.list(tenant, page)
    return toPage({ rows: rows.map(toKeyResource), hasMore })
  }

  /** It is refused from now on; it stays in the list for a while. */
  const revoke = async (tenant: string, id: string): Promise<void> => {
    if (!(await keys.revoke(tenant, id))) throw notFound(id)
  }

  return { create, get, list, revoke }
}

export type KeyService = ReturnType<typeof createKeyService>

/** The key of a request, which acts for `tenant`. */
export const describeCaller = ({ key, scope, rateLimit }: Caller, tenant: string | null): CurrentKeyResource => ({
  id: key?.id ?? null,
  tenant,
  name: key?.name ?? null,
  scope,
  rateLimit,
  expiresAt: key?.expiresAt?.toISOString() ?? null,
})

const openService =
  'This service is open: everybody who reaches it may do everything, so a key would keep nobody out. Whoever runs it sets API_KEYS to name:secret pairs first'

const requireFuture = (text: string): Date => {
  const moment = toMoment(text)
  if (moment.getTime() > Date.now()) return moment
  throw new Problem('VALIDATION_FAILED', undefined, [
    { path: '/expiresAt', code: 'not_future', message: 'must be a time that is still to come', ...shown(text) },
  ])
}

const notFound = (id: string): Problem => new Problem('NOT_FOUND', `There is no key ${id}`)
