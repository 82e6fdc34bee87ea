/** /v1/models */
import type { IncomingHttpHeaders } from 'node:http'
import { Type } from 'typebox'
import { ModelListSchema, ModelSchema, ModelTargetSchema } from '../../api/model.schema.ts'
import { PredictSchema } from '../../api/prediction.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { Expected } from '../../features/models/model-alias.repository.ts'
import type { ModelAliasService } from '../../features/models/model-alias.service.ts'
import { nameKeyword } from '../openapi/shared-parts.ts'
import { predictionAnswers, predictionOutcome, sendAccepted } from '../prediction-answers.ts'
import { requestSignal } from '../request-signal.ts'
import { answer, answers, bodyProblems, idempotencyHeaders, locationHeader, noContent } from '../schemas.ts'
import type { App } from '../types.ts'

const description = 'Name of the model: lower-case letters, digits and hyphens.'
const params = Type.Object({ name: Type.String({ description, examples: ['prices'] }) })
const newParams = Type.Object({
  name: Type.String({
    description,
    pattern: '^[a-z0-9-]{1,64}$',
    title: '1 to 64 lower-case letters, digits and hyphens',
    examples: ['prices'],
  }),
})
const ifMatch = Type.Optional(
  Type.String({ description: 'The `ETag` of the version that is expected, several with commas, or `*` for any.' }),
)
const ifNoneMatch = Type.Optional(
  Type.String({ pattern: '^ *\\* *$', title: '"*"', description: '`*`: only if there is no such model yet.' }),
)
const tagHeader = {
  ETag: { type: 'string' as const, description: 'Of this version: what `If-Match` may name.', [nameKeyword]: 'ModelTag' },
}

type Collaborators = { models: ModelAliasService; bodyLimit: number; closing: AbortSignal }

export const addModelRoutes = (app: App, { models, bodyLimit, closing }: Collaborators): void => {
  app.get(
    '/models',
    {
      schema: {
        operationId: 'listModels',
        tags: ['models'],
        summary: 'List the models, by name',
        response: answers({ 200: answer('The models.', ref(ModelListSchema)) }),
      },
    },
    ({ tenant }) => models.list(tenant),
  )

  app.get(
    '/models/:name',
    {
      schema: {
        operationId: 'getModel',
        tags: ['models'],
        summary: 'What a model stands for',
        params,
        response: answers({ 200: answer('The model.', ref(ModelSchema), tagHeader) }, ['NOT_FOUND']),
      },
    },
    async ({ tenant, params: { name } }, reply) => {
      const { model, tag } = await models.get(tenant, name)
      return reply.header('etag', tag).send(model)
    },
  )

  app.put(
    '/models/:name',
    {
      schema: {
        operationId: 'putModel',
        tags: ['models'],
        summary: 'Name what a job learned, or switch a name to it',
        description:
          'Predictions are answered by the old one or the new one, without a gap. The job, and weights of its, cannot be deleted as long as a model stands for them.',
        params: newParams,
        headers: Type.Object({ 'if-match': ifMatch, 'if-none-match': ifNoneMatch }),
        body: ref(ModelTargetSchema),
        response: answers(
          {
            200: answer('The model, switched.', ref(ModelSchema), tagHeader),
            201: answer('The new model.', ref(ModelSchema), { ...locationHeader, ...tagHeader }),
          },
          ['NOT_FOUND', 'CONFLICT', 'PRECONDITION_FAILED', ...bodyProblems],
        ),
      },
    },
    async ({ tenant, params: { name }, headers, body }, reply) => {
      const { model, tag, isNew } = await models.put(tenant, name, body, expectedBy(headers))
      if (isNew) void reply.header('location', `/v1/models/${name}`)
      return reply
        .code(isNew ? 201 : 200)
        .header('etag', tag)
        .send(model)
    },
  )

  app.delete(
    '/models/:name',
    {
      schema: {
        operationId: 'deleteModel',
        tags: ['models'],
        summary: 'Give up a name; its job stays',
        params,
        headers: Type.Object({ 'if-match': ifMatch }),
        response: answers({ 204: noContent('It is gone.') }, ['NOT_FOUND', 'PRECONDITION_FAILED']),
      },
    },
    async ({ tenant, params: { name }, headers }, reply) => {
      await models.remove(tenant, name, expectedBy(headers))
      return reply.code(204).send()
    },
  )

  app.post(
    '/models/:name/predictions',
    {
      bodyLimit,
      schema: {
        operationId: 'predictByModel',
        tags: ['models'],
        summary: 'Predict with what a model stands for',
        description: 'As POST /v1/jobs/{id}/predictions; the answer says of which job it is.',
        params,
        headers: idempotencyHeaders,
        body: ref(PredictSchema),
        response: predictionAnswers,
      },
    },
    async (request, reply) => {
      const { tenant, params, body } = request
      if (!('dataset' in body)) return models.predict(tenant, params.name, body, requestSignal(reply, closing))
      return sendAccepted(reply, await models.predictDataset(tenant, params.name, body, request.onStored(predictionOutcome)))
    },
  )
}

/** What a client expects of the model that it changes. */
const expectedBy = ({ 'if-match': match, 'if-none-match': noneMatch }: IncomingHttpHeaders): Expected => {
  if (match === undefined) return noneMatch === undefined ? undefined : 'none'
  const tags = match.split(',').map((tag) => tag.trim())
  return { tags: tags.includes('*') ? 'any' : tags.flatMap((tag) => /^"(.*)"$/.exec(tag)?.[1] ?? []) }
}
