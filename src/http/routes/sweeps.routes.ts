/** /v1/sweeps */
import { Type } from 'typebox'
import { fieldsQuery, pageQuery, SomeFieldsPageSchema, SomeFieldsSchema } from '../../api/page.schema.ts'
import { CreateSweepSchema, SweepPageSchema, SweepSchema, SweepSummarySchema } from '../../api/sweep.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { SweepService } from '../../features/sweeps/sweep.service.ts'
import { sendTagged } from '../entity-tags.ts'
import { choosePage, fieldsChooser, someFieldsType, wholeOrSome } from '../fields.ts'
import {
  answer,
  answers,
  bodyProblems,
  idempotencyHeaders,
  idParams,
  keyProblems,
  locationHeader,
  noContent,
  notModified,
  retryHeader,
  tagHeader,
} from '../schemas.ts'
import type { App } from '../types.ts'

const params = idParams('sweep', 'sweep_01kaf3m5d9v0q8c1x2y3z4w5a6')

const sweepQuery = Type.Object(
  {
    ...fieldsQuery(SweepSchema),
    sort: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 101,
        description:
          'Orders the table by one of its columns that are numbers, `validationLoss`, or by a metric: the smallest first, or the largest with a `-` before the name, `-accuracy`. By rank unless asked.',
        examples: ['validationLoss'],
      }),
    ),
  },
  { additionalProperties: false },
)

export const addSweepRoutes = (app: App, { sweeps, bodyLimit }: { sweeps: SweepService; bodyLimit: number }): void => {
  app.post(
    '/sweeps',
    {
      bodyLimit,
      schema: {
        operationId: 'createSweep',
        tags: ['sweeps'],
        summary: 'Queue a job for every point of a grid',
        headers: idempotencyHeaders,
        body: ref(CreateSweepSchema),
        response: answers({ 202: answer('The sweep, its jobs queued.', ref(SweepSchema), { ...locationHeader, ...retryHeader }) }, [
          ...bodyProblems,
          'QUEUE_FULL',
          ...keyProblems,
        ]),
      },
    },
    async (request, reply) => {
      const sweep = await sweeps.create(request.tenant, request.body, request.onStored({ status: 202, kind: 'sweeps', created: true }))
      return reply
        .code(202)
        .headers({ location: `/v1/sweeps/${sweep.id}`, 'retry-after': '1' })
        .send(sweep)
    },
  )

  app.get(
    '/sweeps',
    {
      schema: {
        operationId: 'listSweeps',
        tags: ['sweeps'],
        summary: 'List sweeps, newest first, without their tables',
        querystring: Type.Object({ ...pageQuery('sweep'), ...fieldsQuery(SweepSummarySchema) }, { additionalProperties: false }),
        response: answers({ 200: wholeOrSome('One page.', SweepPageSchema, SomeFieldsPageSchema) }),
      },
    },
    async ({ tenant, query: { fields, ...page } }, reply) => {
      if (fields !== undefined) reply.type(someFieldsType)
      const choose = fieldsChooser(SweepSummarySchema, fields)
      return choosePage(await sweeps.list(tenant, page), choose)
    },
  )

  app.get(
    '/sweeps/:id',
    {
      schema: {
        operationId: 'getSweep',
        tags: ['sweeps'],
        summary: 'Get a sweep: its jobs side by side, ranked',
        params,
        querystring: sweepQuery,
        response: answers({ 200: wholeOrSome('The sweep.', SweepSchema, SomeFieldsSchema, tagHeader), 304: notModified }, ['NOT_FOUND']),
      },
    },
    async (request, reply) => {
      const { fields, sort } = request.query
      const choose = fieldsChooser(SweepSchema, fields)
      const sweep = await sweeps.get(request.tenant, request.params.id, sort)
      return sendTagged(request, reply, {
        // Nothing else of a sweep changes.
        version: [sweep.id, fields, sweep.status, sweep.jobs.map(({ point: _, ...job }) => job)],
        resource: choose(sweep),
        mediaType: fields === undefined ? undefined : someFieldsType,
      })
    },
  )

  app.post(
    '/sweeps/:id/cancel',
    {
      schema: {
        operationId: 'cancelSweep',
        tags: ['sweeps'],
        summary: 'Cancel every job of a sweep that is not final; what is finished stays',
        params,
        headers: idempotencyHeaders,
        response: answers({ 200: answer('The sweep, at once.', ref(SweepSchema)) }, [
          'NOT_FOUND',
          'CONFLICT',
          'MALFORMED_BODY',
          ...keyProblems,
        ]),
      },
    },
    (request) => sweeps.cancel(request.tenant, request.params.id, request.onStored({ status: 200, kind: 'sweeps' })),
  )

  app.delete(
    '/sweeps/:id',
    {
      schema: {
        operationId: 'deleteSweep',
        tags: ['sweeps'],
        summary: 'Delete a sweep whose jobs are all final, with the jobs and their results',
        params,
        response: answers({ 204: noContent('Deleted.') }, ['NOT_FOUND', 'CONFLICT']),
      },
    },
    async ({ tenant, params: { id } }, reply) => {
      await sweeps.remove(tenant, id)
      return reply.code(204).send()
    },
  )
}
