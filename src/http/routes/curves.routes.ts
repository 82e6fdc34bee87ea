/** Curves of several jobs in one answer: /v1/epochs */
import { CurvesSchema, curvesQuery } from '../../api/curve.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { CurvesService } from '../../features/jobs/curves.service.ts'
import { entityTag, isKnown } from '../entity-tags.ts'
import { answer, answers, notModified, tagHeader } from '../schemas.ts'
import type { App } from '../types.ts'

export const addCurveRoutes = (app: App, { curves }: { curves: CurvesService }): void => {
  app.get(
    '/epochs',
    {
      schema: {
        operationId: 'listCurves',
        tags: ['results'],
        summary: 'List one number of the epochs of several jobs, for charts',
        description: 'With `If-None-Match` it costs next to nothing to ask whether any of the jobs went on.',
        querystring: curvesQuery,
        response: answers(
          {
            200: answer('The curves.', ref(CurvesSchema), tagHeader),
            304: notModified,
          },
          ['NOT_FOUND'],
        ),
      },
    },
    async (request, reply) => {
      const { job, ...query } = request.query
      const { version, ...answered } = await curves.read(request.tenant, job, query)
      const tag = `"${entityTag(version)}"`
      reply.headers({ etag: tag, 'cache-control': 'private, no-cache' })
      return isKnown(request, tag) ? reply.code(304).send() : answered
    },
  )
}
