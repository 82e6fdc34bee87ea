/** /v1/keys */
import { CreateKeySchema, CurrentKeySchema, KeyPageSchema, KeySchema, keyListQuery } from '../../api/key.schema.ts'
import { ref } from '../../catalog/ref.ts'
import { describeCaller, type KeyService } from '../../features/keys/key.service.ts'
import { answer, answers, bodyProblems, idempotencyHeaders, idParams, keyProblems, locationHeader, noContent } from '../schemas.ts'
import type { App } from '../types.ts'

const params = idParams('key', 'key_01kaf3m5d9v0q8c1x2y3z4w5a6')
const config = { scope: 'admin' } as const

export const addKeyRoutes = (app: App, { apiKeys: keys }: { apiKeys: KeyService }): void => {
  app.post(
    '/keys',
    {
      config: { ...config, showsSecret: true },
      schema: {
        operationId: 'createKey',
        tags: ['keys'],
        summary: 'Make a key of the tenant; the answer alone has its secret',
        description:
          'A repeat with the same `Idempotency-Key` gives the key without its secret, which is stored nowhere: revoke it and make another. A service without API_KEYS makes none (409).',
        headers: idempotencyHeaders,
        body: ref(CreateKeySchema),
        response: answers({ 201: answer('The key, with its secret.', ref(KeySchema), locationHeader) }, [
          'CONFLICT',
          ...bodyProblems,
          ...keyProblems,
        ]),
      },
    },
    async (request, reply) => {
      const onStored = request.onStored({ status: 201, kind: 'keys', created: true })
      const key = await keys.create(request.tenant, request.body, onStored)
      return reply.code(201).header('location', `/v1/keys/${key.id}`).header('cache-control', 'no-store').send(key)
    },
  )

  app.get(
    '/keys',
    {
      config,
      schema: {
        operationId: 'listKeys',
        tags: ['keys'],
        summary: 'List the keys of the tenant, newest first, revoked and expired ones too',
        description: 'Those of API_KEYS are not there. Of the keys that are no longer in force the newest 100 stay.',
        querystring: keyListQuery,
        response: answers({ 200: answer('One page.', ref(KeyPageSchema)) }),
      },
    },
    ({ tenant, query }) => keys.list(tenant, query),
  )

  app.get(
    '/keys/current',
    {
      config: { scope: 'read', withoutTenant: true },
      schema: {
        operationId: 'getCurrentKey',
        tags: ['keys'],
        summary: 'Get what the key of this request may do',
        response: answers({ 200: answer('The key.', ref(CurrentKeySchema)) }),
      },
    },
    async ({ caller, tenant }) => describeCaller(caller, tenant === '' ? null : tenant),
  )

  app.get(
    '/keys/:id',
    {
      config,
      schema: {
        operationId: 'getKey',
        tags: ['keys'],
        summary: 'Get a key, without its secret',
        params,
        response: answers({ 200: answer('The key.', ref(KeySchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id } }) => keys.get(tenant, id),
  )

  app.delete(
    '/keys/:id',
    {
      config,
      schema: {
        operationId: 'revokeKey',
        tags: ['keys'],
        summary: 'Revoke a key; within two seconds it is refused everywhere, and what is open with it ends',
        params,
        response: answers({ 204: noContent('Revoked, now or before.') }, ['NOT_FOUND']),
      },
    },
    async ({ tenant, params: { id } }, reply) => {
      await keys.revoke(tenant, id)
      return reply.code(204).send()
    },
  )
}
