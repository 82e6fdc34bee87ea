/** /v1/uploads */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { DatasetSchema } from '../../api/dataset.schema.ts'
import { createdQuery } from '../../api/page.schema.ts'
import { CreateUploadSchema, maxPartBytes, maxParts, UploadListSchema, UploadPartSchema, UploadSchema } from '../../api/upload.schema.ts'
import { ref } from '../../catalog/ref.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { DatasetService } from '../../features/datasets/dataset.service.ts'
import type { PartRoom, UploadSessionService } from '../../features/uploads/upload-session.service.ts'
import { createBodyBudget } from '../bodies/body-budget.ts'
import { digestsOf, requireDigests } from '../bodies/content-digest.ts'
import type { AskZstd } from '../bodies/content-encoding.ts'
import { tooLarge } from '../bodies/limit-bytes.ts'
import type { Pace } from '../bodies/progress.ts'
import { readBody } from '../bodies/read-body.ts'
import { createFileStore } from '../file-store.ts'
import { answer, answers, bodyProblems, file, idempotencyHeaders, idParams, keyProblems, locationHeader, noContent } from '../schemas.ts'
import type { App } from '../types.ts'
import { fileTask, requireFileType } from './dataset-uploads.ts'
import { whenGone } from './when-gone.ts'

const example = 'upl_01kaf3m5d9v0q8c1x2y3z4w5a6'
const params = idParams('upload', example)
const partParams = Type.Object({
  ...params.properties,
  number: Type.Integer({ minimum: 1, maximum: maxParts, description: 'Place of the part in the file, from 1.', examples: [1] }),
})
const partHeaders = Type.Object({
  'content-digest': Type.Optional(
    Type.String({
      description:
        'What the bytes of the part hash to, as `sha-256=:BASE64:` or `sha-512=:BASE64:` (RFC 9530): a part that does not is refused.',
    }),
  ),
})

/** Parts that are held in memory at a time, and files that are put together at a time. */
const partsAtOnce = 8
const completionsAtOnce = 4

type Collaborators = { uploads: UploadSessionService; datasets: DatasetService; fileLimit: number; pace: Pace; askZstd: AskZstd }

export const addUploadRoutes = (app: App, { uploads, datasets, fileLimit, pace, askZstd }: Collaborators): void => {
  const turns = createBodyBudget(completionsAtOnce)
  const store = createFileStore({ datasets, fileLimit, askZstd })

  app.post(
    '/uploads',
    {
      schema: {
        operationId: 'createUpload',
        tags: ['uploads'],
        summary: 'Begin a file that comes in parts',
        headers: idempotencyHeaders,
        body: ref(CreateUploadSchema),
        response: answers({ 201: answer('The upload.', ref(UploadSchema), locationHeader) }, ['CONFLICT', ...bodyProblems, ...keyProblems]),
      },
    },
    async (request, reply) => {
      requireFileType(request.body.contentType)
      const onStored = request.onStored({ status: 201, kind: 'uploads', created: true })
      const upload = await uploads.create(request.tenant, request.body, onStored)
      return reply.code(201).header('location', `/v1/uploads/${upload.id}`).send(upload)
    },
  )

  app.get(
    '/uploads',
    {
      schema: {
        operationId: 'listUploads',
        tags: ['uploads'],
        summary: 'List the uploads that are not yet datasets, newest first',
        querystring: Type.Object(createdQuery, { additionalProperties: false }),
        response: answers({ 200: answer('The uploads.', ref(UploadListSchema)) }),
      },
    },
    ({ tenant, query }) => uploads.list(tenant, query),
  )

  app.get(
    '/uploads/:id',
    {
      schema: {
        operationId: 'getUpload',
        tags: ['uploads'],
        summary: 'What is there of an upload',
        params,
        response: answers({ 200: answer('The upload with its parts.', ref(UploadSchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id } }) => uploads.get(tenant, id),
  )

  void app.register(async (parts: App) => addPartRoute(parts, { uploads, pace }))

  app.post(
    '/uploads/:id/complete',
    {
      schema: {
        operationId: 'completeUpload',
        tags: ['uploads'],
        summary: 'Make a dataset of the parts',
        description:
          'Answers as POST /v1/datasets does. If the file is refused its parts stay: put the wrong ones again, and complete it again.',
        headers: idempotencyHeaders,
        params,
        response: answers({ 201: answer('The stored dataset.', ref(DatasetSchema), locationHeader) }, [
          'NOT_FOUND',
          'CONFLICT',
          ...bodyProblems,
          'QUOTA_EXCEEDED',
          ...keyProblems,
        ]),
      },
    },
    async (request, reply) => {
      const { tenant, params } = request
      const share = await turns.take(1)
      request.whenAnswered(share.giveBack)
      const insertion = {
        signal: whenGone(reply),
        onError: (error: unknown) => request.log.warn({ err: error }, 'an upload could not be taken back; the housekeeping will do it'),
      }
      const dataset = await uploads.complete(
        tenant,
        params.id,
        ({ bytes, contentType, contentEncoding, options }, onStored) =>
          store(tenant, { bytes, contentEncoding, task: fileTask(contentType, options) }, { ...insertion, onStored }),
        request.onStored({ status: 201, kind: 'datasets', created: true }),
      )
      return reply.code(201).header('location', `/v1/datasets/${dataset.id}`).send(dataset)
    },
  )

  app.delete(
    '/uploads/:id',
    {
      schema: {
        operationId: 'deleteUpload',
        tags: ['uploads'],
        summary: 'Give an upload up; what became a dataset stays one',
        params,
        response: answers({ 204: noContent('Deleted.') }, ['NOT_FOUND', 'CONFLICT']),
      },
    },
    async ({ tenant, params: { id } }, reply) => {
      await uploads.remove(tenant, id)
      return reply.code(204).send()
    },
  )
}

/** A scope of its own, since only it takes bytes of any type. */
const addPartRoute = (app: App, { uploads, pace }: { uploads: UploadSessionService; pace: Pace }): void => {
  const budget = createBodyBudget(partsAtOnce * maxPartBytes)
  /** What a part may have now. Of an address that is none, or has a query, which is refused once it is checked, what any part may. */
  const limitOf = async ({ tenant, params, query }: FastifyRequest): Promise<{ limit: number; refuse?: PartRoom['refuse'] }> => {
    const { id, number } = params as { id: string; number: string }
    if (!/^[1-9]\d{0,8}$/.test(number) || Object.keys(query as object).length > 0) return { limit: maxPartBytes }
    const room = await uploads.roomFor(tenant, id, Number(number))
    if (room.bytes >= maxPartBytes) return { limit: maxPartBytes }
    return { limit: room.bytes, refuse: (bytes) => (bytes > maxPartBytes ? tooLarge(maxPartBytes) : room.refuse(bytes)) }
  }
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: Parameters<typeof readBody>[1]) => {
    const digests = digestsOf(request.headers['content-digest'] as string | undefined)
    const bytes = Buffer.concat(await readBody(request, payload, { ...(await limitOf(request)), budget, pace }))
    requireDigests(bytes, digests)
    return bytes
  })
  app.put(
    '/uploads/:id/parts/:number',
    {
      bodyLimit: maxPartBytes,
      schema: {
        operationId: 'putUploadPart',
        tags: ['uploads'],
        summary: 'Store a part, in the place of an earlier one of its number',
        description: `At most ${maxPartBytes} bytes. The file is its parts in the order of their numbers; they may come in any order, also at the same time. One for which there is no room is refused before it is read.`,
        headers: partHeaders,
        params: partParams,
        consumes: ['application/octet-stream'],
        body: { content: { 'application/octet-stream': file('The bytes of the part.') } },
        response: answers({ 200: answer('The part as it is stored.', ref(UploadPartSchema)) }, [
          'NOT_FOUND',
          'CONFLICT',
          ...bodyProblems,
          'QUOTA_EXCEEDED',
        ]),
      },
      // Bytes of any kind.
      validatorCompiler: ({ schema, httpPart }) =>
        httpPart === 'body' ? () => true : (app.validatorCompiler?.({ schema, method: 'PUT', url: '', httpPart }) ?? (() => true)),
    },
    ({ tenant, params: { id, number }, body }) => uploads.putPart(tenant, id, number, requireBytes(body)),
  )
}

/** @throws Problem if there is no body, or nothing in it */
const requireBytes = (body: unknown): Uint8Array => {
  if (!(body instanceof Uint8Array))
    throw new Problem('MALFORMED_BODY', 'The bytes of the part are needed', [{ path: '/body', code: 'required', message: 'is required' }])
  if (body.byteLength > 0) return body
  throw new Problem('VALIDATION_FAILED', undefined, [{ path: '/body', code: 'minLength', message: 'must have at least one byte' }])
}
