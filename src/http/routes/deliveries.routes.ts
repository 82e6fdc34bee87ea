/** /v1/webhooks/{id}/deliveries: what a webhook was told, again, and tests. */
import { Type } from 'typebox'
import { DeliveryPageSchema, DeliverySchema, deliveryListQuery, ReplayedSchema, ReplayRangeSchema } from '../../api/delivery.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { DeliveryService } from '../../features/webhooks/delivery.service.ts'
import { answer, answers, bodyProblems, idempotencyHeaders, idParams, keyProblems } from '../schemas.ts'
import type { App } from '../types.ts'

const params = idParams('webhook', 'whk_01kaf3m5d9v0q8c1x2y3z4w5a6')
const deliveryParams = Type.Object({
  ...params.properties,
  delivery: Type.String({ description: 'Id of the delivery.', examples: ['dlv_01kaf3m5d9v0q8c1x2y3z4w5a6'] }),
})
const tags = ['webhooks']

/** What is sent on request. */
const waitingDelivery = answers({ 202: answer('The delivery, which waits to be sent.', ref(DeliverySchema)) }, [
  'NOT_FOUND',
  'CONFLICT',
  'MALFORMED_BODY',
  ...keyProblems,
])

export const addDeliveryRoutes = (app: App, { deliveries }: { deliveries: DeliveryService }): void => {
  app.post(
    '/webhooks/:id/test',
    {
      schema: {
        operationId: 'testWebhook',
        tags,
        summary: 'Send an event of the type `webhook.test`',
        params,
        headers: idempotencyHeaders,
        response: waitingDelivery,
      },
    },
    async (request, reply) => {
      const outcome = request.onStored({ status: 202, kind: 'deliveries' })
      return reply.code(202).send(await deliveries.test(request.tenant, request.params.id, outcome))
    },
  )

  app.get(
    '/webhooks/:id/deliveries',
    {
      schema: {
        operationId: 'listDeliveries',
        tags,
        summary: 'List what a webhook was told, newest first, with what it answered',
        params,
        querystring: deliveryListQuery,
        response: answers({ 200: answer('One page.', ref(DeliveryPageSchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id }, query }) => deliveries.list(tenant, id, query),
  )

  app.get(
    '/webhooks/:id/deliveries/:delivery',
    {
      schema: {
        operationId: 'getDelivery',
        tags,
        summary: 'Get a delivery',
        params: deliveryParams,
        response: answers({ 200: answer('The delivery.', ref(DeliverySchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id, delivery } }) => deliveries.get(tenant, delivery, id),
  )

  app.post(
    '/webhooks/:id/deliveries/:delivery/replay',
    {
      schema: {
        operationId: 'replayDelivery',
        tags,
        summary: 'Send a delivery again, with the same id; one that waits is sent at once',
        params: deliveryParams,
        headers: idempotencyHeaders,
        response: waitingDelivery,
      },
    },
    async (request, reply) => {
      const { id, delivery } = request.params
      const outcome = request.onStored({ status: 202, kind: 'deliveries' })
      return reply.code(202).send(await deliveries.replay(request.tenant, id, delivery, outcome))
    },
  )

  app.post(
    '/webhooks/:id/replay',
    {
      schema: {
        operationId: 'replayDeliveries',
        tags,
        summary: 'Send deliveries of a time again, the oldest first',
        params,
        headers: idempotencyHeaders,
        body: ref(ReplayRangeSchema),
        response: answers({ 202: answer('How many are sent again.', ref(ReplayedSchema)) }, [
          'NOT_FOUND',
          'CONFLICT',
          ...bodyProblems,
          ...keyProblems,
        ]),
      },
    },
    async ({ tenant, params: { id }, body }, reply) => reply.code(202).send(await deliveries.replayRange(tenant, id, body)),
  )
}
