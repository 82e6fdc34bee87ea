/** /v1/imports: what POST /v1/datasets with a `url` begins. */
import { createApiChecks } from '../../api/checks.ts'
import { type CreateImport, CreateImportSchema, ImportPageSchema, ImportSchema, importListQuery } from '../../api/import.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { ImportService } from '../../features/imports/import.service.ts'
import { textErrors } from '../../validation/storable-text.ts'
import { throwIfInvalid } from '../../validation/validation-errors.ts'
import { requestSignal } from '../request-signal.ts'
import { answer, answers, idempotencyHeaders, idParams, keyProblems, noContent, waitQuery } from '../schemas.ts'
import type { App } from '../types.ts'
import { isJsonType, requireFileType } from './dataset-uploads.ts'

const params = idParams('import', 'imp_01kaf3m5d9v0q8c1x2y3z4w5a6')
const check = createApiChecks()(CreateImportSchema)

/** A body of POST /v1/datasets that asks for an import; null for any other. @throws Problem with every validation error */
export const importRequestOf = (body: unknown): CreateImport | null => {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || !Object.hasOwn(body, 'url')) return null
  throwIfInvalid([...check(body), ...textErrors(body)])
  const request = body as CreateImport
  if (request.contentType !== undefined && !isJsonType(request.contentType)) requireFileType(request.contentType)
  return request
}

export const addImportRoutes = (app: App, { imports, closing }: { imports: ImportService; closing: AbortSignal }): void => {
  app.get(
    '/imports',
    {
      schema: {
        operationId: 'listImports',
        tags: ['imports'],
        summary: 'List imports, newest first',
        querystring: importListQuery,
        response: answers({ 200: answer('One page.', ref(ImportPageSchema)) }),
      },
    },
    ({ tenant, query }) => imports.list(tenant, query),
  )

  app.get(
    '/imports/:id',
    {
      schema: {
        operationId: 'getImport',
        tags: ['imports'],
        summary: 'Get an import, or wait for its next change or its end',
        params,
        querystring: waitQuery,
        response: answers({ 200: answer('The import.', ref(ImportSchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id }, query: { waitFor, wait = waitFor === 'end' ? 60 : 0 } }, reply) =>
      imports.get(tenant, id, { waitSeconds: wait, waitFor, signal: requestSignal(reply, closing) }),
  )

  app.post(
    '/imports/:id/cancel',
    {
      schema: {
        operationId: 'cancelImport',
        tags: ['imports'],
        summary: 'Cancel an import at once; nothing is stored of it',
        params,
        headers: idempotencyHeaders,
        response: answers({ 200: answer('The import.', ref(ImportSchema)) }, ['NOT_FOUND', 'CONFLICT', 'MALFORMED_BODY', ...keyProblems]),
      },
    },
    (request) => imports.cancel(request.tenant, request.params.id, request.onStored({ status: 200, kind: 'imports' })),
  )

  app.delete(
    '/imports/:id',
    {
      schema: {
        operationId: 'deleteImport',
        tags: ['imports'],
        summary: 'Delete an import that is over; what became a dataset stays one',
        params,
        response: answers({ 204: noContent('Deleted.') }, ['NOT_FOUND', 'CONFLICT']),
      },
    },
    async ({ tenant, params: { id } }, reply) => {
      await imports.remove(tenant, id)
      return reply.code(204).send()
    },
  )
}
