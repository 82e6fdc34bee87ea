/** Webhooks: addresses that are told of events. */
import { type Page, type PageRequest, toPage } from '../../api/page.schema.ts'
import {
  type CreateWebhook,
  maxWebhooks,
  type TenantSecret,
  type UpdateWebhook,
  type WebhookResource,
  type WebhookWithSecret,
} from '../../api/webhook.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { throwIfInvalid } from '../../validation/validation-errors.ts'
import type { NewId } from '../ids.ts'
import type { OnStored } from '../on-stored.ts'
import { newSecret, secretText } from './signature.ts'
import type { UrlErrors } from './url-errors.ts'
import type { WebhookRepository } from './webhook.repository.ts'
import { expiryOf, toWebhookResource, type Webhook } from './webhook.ts'

type Collaborators = {
  webhooks: WebhookRepository
  newId: NewId
  /** What keeps a URL from being told of anything. */
  urlErrors: UrlErrors
}

export const createWebhookService = ({ webhooks, newId, urlErrors }: Collaborators) => {
  /** @throws Problem VALIDATION_FAILED if nothing may be sent to the URL, CONFLICT if the tenant has as many as it may have */
  const create = async (tenant: string, request: CreateWebhook, onStored?: OnStored): Promise<WebhookWithSecret> => {
    throwIfInvalid(urlErrors(request.url, '/url'))
    const id = newId('whk')
    const secret = newSecret()
    await onStored?.ready()
    const isStored = await webhooks.insert(id, tenant, request, secret, async (client) => onStored?.write(client, id))
    if (!isStored) throw new Problem('CONFLICT', `There are ${maxWebhooks} webhooks already: delete one first`)
    return { ...(await get(tenant, id)), secret: secretText(secret) }
  }

  const list = async (tenant: string, request: PageRequest & { jobId?: string }): Promise<Page<WebhookResource>> => {
    const page = toPage(await webhooks.list(tenant, request))
    return { ...page, data: page.data.map(toWebhookResource) }
  }

  const get = async (tenant: string, id: string): Promise<WebhookResource> => toWebhookResource(await find(tenant, id))

  /** With its secret, for who was to be given that and never was. */
  const getWithSecret = async (tenant: string, id: string): Promise<WebhookResource & { secret?: string }> => {
    const webhook = await get(tenant, id)
    const secret = await webhooks.readSecret(tenant, id)
    return secret ? { ...webhook, secret: secretText(secret) } : webhook
  }

  /** @throws Problem VALIDATION_FAILED if nothing may be sent to the URL */
  const update = async (tenant: string, id: string, change: UpdateWebhook): Promise<WebhookResource> => {
    if (change.url !== undefined) throwIfInvalid(urlErrors(change.url, '/url'))
    if (!(await webhooks.update(tenant, id, change))) throw notFound(id)
    return get(tenant, id)
  }

  const remove = async (tenant: string, id: string): Promise<void> => {
    if (!(await webhooks.remove(tenant, id))) throw notFound(id)
  }

  /** A new secret; the one before signs too for a time. @throws Problem CONFLICT if it is signed with the tenant's */
  const rotateSecret = async (tenant: string, id: string, onStored?: OnStored): Promise<WebhookWithSecret> => {
    const secret = newSecret()
    await onStored?.ready()
    if (!(await webhooks.rotateSecret(tenant, id, secret, async (client) => onStored?.write(client, id)))) {
      await find(tenant, id)
      throw new Problem(
        'CONFLICT',
        `Webhook ${id} came with a job and has no secret of its own: POST /v1/webhooks/secret replaces the tenant's`,
      )
    }
    return { ...(await get(tenant, id)), secret: secretText(secret) }
  }

  /** What signs deliveries to webhooks of single jobs; made when it is first needed. */
  const getTenantSecret = async (tenant: string): Promise<TenantSecret> => {
    const { secret, previousUntil } = await webhooks.tenantSecret(tenant, newSecret())
    return { secret: secretText(secret), previousSecretExpiresAt: expiryOf(previousUntil) }
  }

  const rotateTenantSecret = async (tenant: string, onStored?: OnStored): Promise<TenantSecret> => {
    await onStored?.ready()
    await webhooks.rotateTenantSecret(tenant, newSecret(), async (client) => onStored?.write(client, 'tenant'))
    return getTenantSecret(tenant)
  }

  const find = async (tenant: string, id: string): Promise<Webhook> => {
    const found = await webhooks.find(tenant, id)
    if (!found) throw notFound(id)
    return found
  }

  return { create, list, get, getWithSecret, update, remove, rotateSecret, getTenantSecret, rotateTenantSecret }
}

export type WebhookService = ReturnType<typeof createWebhookService>

const notFound = (id: string): Problem => new Problem('NOT_FOUND', `There is no webhook ${id}`)
