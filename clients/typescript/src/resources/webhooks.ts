/** `client.webhooks`: addresses that are told of events, and what they were told. */
import { createList, type List, type Page } from '../http/pages.ts'
import { segment } from '../http/query.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type {
  Delivery,
  DeliveryQuery,
  NewWebhook,
  ReplayedDeliveries,
  ReplayRange,
  Webhook,
  WebhookChanges,
  WebhookQuery,
  WebhookSecret,
  WebhookWithSecret,
} from '../types.ts'

export const createWebhooks = (transport: Transport) => {
  const path = (id: string, rest = ''): string => `/v1/webhooks/${segment(id)}${rest}`
  const deliveryPath = (id: string, delivery: string, rest = ''): string => path(id, `/deliveries/${segment(delivery)}${rest}`)

  /** Has an address told of all jobs from now on. Only this answer has its `secret`. @throws ConflictError if there are as many as may be */
  const create = (webhook: NewWebhook, options: CallOptions = {}): Promise<WebhookWithSecret> =>
    transport.json('POST', '/v1/webhooks', { ...options, body: webhook })

  /** Newest first; with `jobId` the one that came with the config of that job. */
  const list = (query: WebhookQuery = {}, options: CallOptions = {}): List<Webhook> =>
    createList((after) => transport.json('GET', '/v1/webhooks', { ...options, query: { ...query, after: after ?? query.after } }))

  const get = (id: string, options: CallOptions = {}): Promise<Webhook> => transport.json('GET', path(id), options)

  /** Changes what is named: `status: 'enabled'` goes on with one that was disabled. */
  const update = (id: string, changes: WebhookChanges, options: CallOptions = {}): Promise<Webhook> =>
    transport.json('PATCH', path(id), { ...options, body: changes })

  /** Deletes it with its deliveries, those that wait too. */
  const remove = (id: string, options: CallOptions = {}): Promise<void> => transport.json('DELETE', path(id), options)

  /** A new secret, which only this answer has; for 24 hours deliveries are signed with the one before too. */
  const rotateSecret = (id: string, options: CallOptions = {}): Promise<WebhookWithSecret> =>
    transport.json('POST', path(id, '/rotate-secret'), options)

  /** Sends an event of the type `webhook.test`; `delivery` tells what came of it. */
  const test = (id: string, options: CallOptions = {}): Promise<Delivery> => transport.json('POST', path(id, '/test'), options)

  /** What it was told, newest first, and what it answered. */
  const deliveries = (id: string, query: DeliveryQuery = {}, options: CallOptions = {}): List<Delivery> =>
    createList((after) =>
      transport.json<Page<Delivery>>('GET', path(id, '/deliveries'), { ...options, query: { ...query, after: after ?? query.after } }),
    )

  const delivery = (id: string, deliveryId: string, options: CallOptions = {}): Promise<Delivery> =>
    transport.json('GET', deliveryPath(id, deliveryId), options)

  /** Sends one again, under the same id. */
  const replay = (id: string, deliveryId: string, options: CallOptions = {}): Promise<Delivery> =>
    transport.json('POST', deliveryPath(id, deliveryId, '/replay'), options)

  /** Sends those of a time again, the oldest first. */
  const replayRange = (id: string, range: ReplayRange, options: CallOptions = {}): Promise<ReplayedDeliveries> =>
    transport.json('POST', path(id, '/replay'), { ...options, body: range })

  /** What signs deliveries to the webhooks of single jobs. */
  const tenantSecret = (options: CallOptions = {}): Promise<WebhookSecret> => transport.json('GET', '/v1/webhooks/secret', options)

  /** Replaces it; the one before signs too for 24 hours. */
  const rotateTenantSecret = (options: CallOptions = {}): Promise<WebhookSecret> => transport.json('POST', '/v1/webhooks/secret', options)

  return {
    create,
    list,
    get,
    update,
    delete: remove,
    rotateSecret,
    test,
    deliveries,
    delivery,
    replay,
    replayRange,
    tenantSecret,
    rotateTenantSecret,
  }
}
