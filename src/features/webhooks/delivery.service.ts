/** Deliveries as their tenant sees them: what was told, again if it is wished, and tests. */
import {
  type DeliveryResource,
  type DeliveryStatus,
  maxPendingDeliveries,
  type Replayed,
  type ReplayRange,
  webhookTestType,
} from '../../api/delivery.schema.ts'
import { type Page, type PageRequest, toPage } from '../../api/page.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { NewId } from '../ids.ts'
import type { OnStored } from '../on-stored.ts'
import type { DeliveryRepository } from './delivery.repository.ts'
import { toDeliveryResource } from './delivery.ts'
import type { WebhookRepository } from './webhook.repository.ts'
import { toWebhookResource } from './webhook.ts'

type Collaborators = {
  deliveries: DeliveryRepository
  webhooks: Pick<WebhookRepository, 'find'>
  newId: NewId
  /** Says that something waits to be sent to a webhook. */
  notify: (webhookId: string) => unknown
}

export const createDeliveryService = ({ deliveries, webhooks, newId, notify }: Collaborators) => {
  const list = async (
    tenant: string,
    webhookId: string,
    request: PageRequest & { status?: DeliveryStatus },
  ): Promise<Page<DeliveryResource>> => {
    await find(tenant, webhookId)
    const page = toPage(await deliveries.list(tenant, webhookId, request))
    return { ...page, data: page.data.map(toDeliveryResource) }
  }

  /** One, of this webhook if that is given. */
  const get = async (tenant: string, id: string, webhookId?: string): Promise<DeliveryResource> => {
    const found = await deliveries.find(tenant, id)
    if (!found || (webhookId !== undefined && found.webhookId !== webhookId)) throw new Problem('NOT_FOUND', `There is no delivery ${id}`)
    return toDeliveryResource(found)
  }

  /** Sends an event that tells of nothing. @throws Problem CONFLICT if the webhook is disabled, or too much waits */
  const test = async (tenant: string, webhookId: string, onStored?: OnStored): Promise<DeliveryResource> => {
    const webhook = toWebhookResource(await findEnabled(tenant, webhookId))
    const id = newId('dlv')
    const body = JSON.stringify({ type: webhookTestType, timestamp: new Date().toISOString(), data: { webhook } })
    await onStored?.ready()
    const isStored = await deliveries.insert({ id, tenant, webhookId, type: webhookTestType, body }, async (client) =>
      onStored?.write(client, id),
    )
    if (!isStored) throw full()
    notify(webhookId)
    return get(tenant, id)
  }

  /** Sends it again, with the same id. @throws Problem CONFLICT if the webhook is disabled, or too much waits */
  const replay = async (tenant: string, webhookId: string, id: string, onStored?: OnStored): Promise<DeliveryResource> => {
    await findEnabled(tenant, webhookId)
    await get(tenant, id, webhookId)
    await onStored?.ready()
    if (!(await deliveries.replay(tenant, id, async (client) => onStored?.write(client, id)))) throw full()
    notify(webhookId)
    return get(tenant, id)
  }

  /** Sends those of a time again. @throws Problem CONFLICT if the webhook is disabled */
  const replayRange = async (tenant: string, webhookId: string, range: ReplayRange): Promise<Replayed> => {
    await findEnabled(tenant, webhookId)
    const replayed = await deliveries.replayRange(tenant, webhookId, range)
    notify(webhookId)
    return replayed
  }

  const find = async (tenant: string, webhookId: string) => {
    const webhook = await webhooks.find(tenant, webhookId)
    if (!webhook) throw new Problem('NOT_FOUND', `There is no webhook ${webhookId}`)
    return webhook
  }

  const findEnabled = async (tenant: string, webhookId: string) => {
    const webhook = await find(tenant, webhookId)
    if (webhook.status === 'enabled') return webhook
    throw new Problem('CONFLICT', `Webhook ${webhookId} is disabled: enable it with PATCH {"status": "enabled"} first`)
  }

  return { list, get, test, replay, replayRange }
}

export type DeliveryService = ReturnType<typeof createDeliveryService>

const full = (): Problem => new Problem('CONFLICT', `${maxPendingDeliveries} deliveries wait already: let some be sent first`)
