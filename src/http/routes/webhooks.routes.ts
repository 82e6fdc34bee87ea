/** /v1/webhooks: addresses that are told of events, and what signs what they are told. */
import {
  CreateWebhookSchema,
  TenantSecretSchema,
  UpdateWebhookSchema,
  WebhookPageSchema,
  WebhookSchema,
  WebhookWithSecretSchema,
  webhookListQuery,
} from '../../api/webhook.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { DeliveryService } from '../../features/webhooks/delivery.service.ts'
import type { WebhookService } from '../../features/webhooks/webhook.service.ts'
import { answer, answers, bodyProblems, idempotencyHeaders, idParams, keyProblems, locationHeader, noContent } from '../schemas.ts'
import type { App } from '../types.ts'
import { addDeliveryRoutes } from './deliveries.routes.ts'

export type WebhookServices = { webhooks: WebhookService; deliveries: DeliveryService }

const params = idParams('webhook', 'whk_01kaf3m5d9v0q8c1x2y3z4w5a6')
const tags = ['webhooks']

/** What answers to requests with an Idempotency-Key were about. */
export const webhookReaders = ({ webhooks, deliveries }: WebhookServices) => ({
  webhooks: (tenant: string, id: string) => webhooks.getWithSecret(tenant, id),
  deliveries: (tenant: string, id: string) => deliveries.get(tenant, id),
  webhookSecrets: (tenant: string) => webhooks.getTenantSecret(tenant),
})

export const addWebhookRoutes = (app: App, { webhooks, deliveries }: WebhookServices): void => {
  addDeliveryRoutes(app, { deliveries })
  app.post(
    '/webhooks',
    {
      schema: {
        operationId: 'createWebhook',
        tags,
        summary: 'Have an address told of events of all jobs; the answer alone shows its secret',
        headers: idempotencyHeaders,
        body: ref(CreateWebhookSchema),
        response: answers({ 201: answer('The webhook, with its secret.', ref(WebhookWithSecretSchema), locationHeader) }, [
          ...bodyProblems,
          'CONFLICT',
          ...keyProblems,
        ]),
      },
    },
    async (request, reply) => {
      const webhook = await webhooks.create(
        request.tenant,
        request.body,
        request.onStored({ status: 201, kind: 'webhooks', created: true }),
      )
      return reply.code(201).header('location', `/v1/webhooks/${webhook.id}`).send(webhook)
    },
  )

  app.get(
    '/webhooks',
    {
      schema: {
        operationId: 'listWebhooks',
        tags,
        summary: 'List webhooks, newest first',
        querystring: webhookListQuery,
        response: answers({ 200: answer('One page.', ref(WebhookPageSchema)) }),
      },
    },
    ({ tenant, query }) => webhooks.list(tenant, query),
  )

  app.get(
    '/webhooks/secret',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'getWebhookSecret',
        tags,
        summary: "Get the secret that signs deliveries to jobs' own webhooks",
        response: answers({ 200: answer('The secret, made now if there was none.', ref(TenantSecretSchema)) }),
      },
    },
    ({ tenant }) => webhooks.getTenantSecret(tenant),
  )

  app.post(
    '/webhooks/secret',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'rotateWebhookSecret',
        tags,
        summary: "Replace the secret that signs deliveries to jobs' own webhooks; the one before signs too for 24 hours",
        headers: idempotencyHeaders,
        response: answers({ 200: answer('The new secret.', ref(TenantSecretSchema)) }, ['MALFORMED_BODY', ...keyProblems]),
      },
    },
    (request) => webhooks.rotateTenantSecret(request.tenant, request.onStored({ status: 200, kind: 'webhookSecrets' })),
  )

  app.get(
    '/webhooks/:id',
    {
      schema: {
        operationId: 'getWebhook',
        tags,
        summary: 'Get a webhook',
        params,
        response: answers({ 200: answer('The webhook.', ref(WebhookSchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id } }) => webhooks.get(tenant, id),
  )

  app.patch(
    '/webhooks/:id',
    {
      schema: {
        operationId: 'updateWebhook',
        tags,
        summary: 'Change the address, the events, the note or the status of a webhook',
        params,
        body: ref(UpdateWebhookSchema),
        response: answers({ 200: answer('The webhook.', ref(WebhookSchema)) }, ['NOT_FOUND', ...bodyProblems]),
      },
    },
    ({ tenant, params: { id }, body }) => webhooks.update(tenant, id, body),
  )

  app.post(
    '/webhooks/:id/rotate-secret',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'rotateSecretOfWebhook',
        tags,
        summary: 'Replace the secret of a webhook; the one before signs too for 24 hours',
        params,
        headers: idempotencyHeaders,
        response: answers({ 200: answer('The webhook, with its new secret.', ref(WebhookWithSecretSchema)) }, [
          'NOT_FOUND',
          'CONFLICT',
          'MALFORMED_BODY',
          ...keyProblems,
        ]),
      },
    },
    (request) => webhooks.rotateSecret(request.tenant, request.params.id, request.onStored({ status: 200, kind: 'webhooks' })),
  )

  app.delete(
    '/webhooks/:id',
    {
      schema: {
        operationId: 'deleteWebhook',
        tags,
        summary: 'Delete a webhook with its deliveries, those that wait too',
        params,
        response: answers({ 204: noContent('Deleted.') }, ['NOT_FOUND']),
      },
    },
    async ({ tenant, params: { id } }, reply) => {
      await webhooks.remove(tenant, id)
      return reply.code(204).send()
    },
  )
}
