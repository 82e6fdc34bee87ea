/** /v1/jobs */
import { Type } from 'typebox'
import { JobEstimateSchema, JobSchema } from '../../api/job.schema.ts'
import { JobConfigSchema } from '../../api/job-config.schema.ts'
import { JobPageSchema, jobListQuery } from '../../api/job-list.schema.ts'
import { fieldsQuery, SomeFieldsPageSchema, SomeFieldsSchema } from '../../api/page.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { JobService } from '../../features/jobs/job.service.ts'
import type { JobWaits } from '../../features/jobs/job-wait.service.ts'
import { entityTag, isKnown } from '../entity-tags.ts'
import { choosePage, fieldsChooser, someFieldsType, wholeOrSome } from '../fields.ts'
import { metadataOf } from '../metadata-query.ts'
import { createOpenAnswers } from '../open-answers.ts'
import { requestSignal } from '../request-signal.ts'
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
  waitQuery,
} from '../schemas.ts'
import type { App } from '../types.ts'

const params = idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6')

const createQuery = Type.Object(
  { validateOnly: Type.Boolean({ default: false, description: 'Only checks the config and estimates the job; creates nothing.' }) },
  { additionalProperties: false },
)
const jobQuery = Type.Object({ ...waitQuery.properties, ...fieldsQuery(JobSchema) }, { additionalProperties: false })
const actions = {
  cancel: 'Cancel a job: at once if it waits, within a second if it runs',
  pause: 'Pause a job; it keeps its checkpoint',
  resume: 'Resume a paused job',
} as const

type JobRoutesOptions = { jobs: JobService; jobWaits: JobWaits; bodyLimit: number; openPerTenant: number; closing: AbortSignal }

export const addJobRoutes = (app: App, { jobs, jobWaits, bodyLimit, openPerTenant, closing }: JobRoutesOptions): void => {
  const waiting = createOpenAnswers({ what: 'requests that wait for a job', max: openPerTenant })

  app.post(
    '/jobs',
    {
      bodyLimit,
      schema: {
        operationId: 'createJob',
        tags: ['jobs'],
        summary: 'Queue a training run',
        headers: idempotencyHeaders,
        querystring: createQuery,
        body: ref(JobConfigSchema),
        response: answers(
          {
            200: answer('With `validateOnly`: the estimate.', ref(JobEstimateSchema)),
            202: answer('The queued job.', ref(JobSchema), { ...locationHeader, ...retryHeader }),
          },
          [...bodyProblems, 'OP_UNSUPPORTED', 'CONFLICT', 'QUEUE_FULL', ...keyProblems],
        ),
      },
    },
    async (request, reply) => {
      const { tenant, body, query } = request
      if (query.validateOnly) return jobs.estimate(tenant, body)
      const job = await jobs.create(tenant, body, request.onStored({ status: 202, kind: 'jobs', created: true }))
      return reply
        .code(202)
        .headers({ location: `/v1/jobs/${job.id}`, 'retry-after': '1' })
        .send(job)
    },
  )

  app.get(
    '/jobs',
    {
      schema: {
        operationId: 'listJobs',
        tags: ['jobs'],
        summary: 'List jobs, newest first or by a metric',
        description: 'Filter by `status`, by time, and by any number of `metadata[key]=value`: what is shown meets all of them.',
        querystring: jobListQuery,
        response: answers({ 200: wholeOrSome('One page.', JobPageSchema, SomeFieldsPageSchema) }),
      },
    },
    async ({ tenant, query: { after, limit, sort, createdAfter, createdBefore, status, fields, ...rest } }, reply) => {
      if (fields !== undefined) reply.type(someFieldsType)
      const choose = fieldsChooser(JobSchema, fields)
      const filter = { statuses: status, metadata: metadataOf(rest) }
      return choosePage(await jobs.list(tenant, filter, { after, limit, sort, createdAfter, createdBefore }), choose)
    },
  )

  app.get(
    '/jobs/:id',
    {
      schema: {
        operationId: 'getJob',
        tags: ['jobs'],
        summary: 'Get a job, or wait for its next change or its end',
        description:
          'With `If-None-Match` a job in which nothing changed costs an empty 304; with `wait` too, the wait for a change is one from that version on: ' +
          `a job that is another already is told at once. A tenant may have ${openPerTenant} requests waiting at one process; one more is a 429. ` +
          'Where more than 50 clients wait at a process, progress is told twice a second at most, a change of status at once.',
        params,
        querystring: jobQuery,
        response: answers(
          {
            200: wholeOrSome('The job.', JobSchema, SomeFieldsSchema, tagHeader),
            304: notModified,
          },
          ['NOT_FOUND'],
        ),
      },
    },
    async (request, reply) => {
      const { tenant, params, query } = request
      const { fields, waitFor, wait = waitFor === 'end' ? 60 : 0 } = query
      const choose = fieldsChooser(JobSchema, fields)
      if (wait > 0) waiting.hold(tenant, reply)
      const tagOf = (version: string): string => `"${entityTag(fields === undefined ? version : `${version} ${fields}`)}"`
      const isKnownVersion = (version: string): boolean => isKnown(request, tagOf(version))
      const { version, body } = await jobWaits.look(tenant, params.id, {
        ...{ waitSeconds: wait, waitFor, signal: requestSignal(reply, closing) },
        ...(request.headers['if-none-match'] === undefined ? {} : { isKnown: isKnownVersion }),
      })
      // A browser lets equal requests wait for each other if what they get may be kept.
      reply.headers({ etag: tagOf(version), 'cache-control': wait > 0 ? 'no-store' : 'private, no-cache' })
      if (isKnownVersion(version)) return reply.code(304).send()
      if (fields !== undefined) reply.type(someFieldsType)
      return choose(await body())
    },
  )

  for (const [action, summary] of Object.entries(actions)) {
    app.post(
      `/jobs/:id/${action}`,
      {
        schema: {
          operationId: `${action}Job`,
          tags: ['jobs'],
          summary,
          params,
          headers: idempotencyHeaders,
          response: answers({ 200: answer('The job, at once.', ref(JobSchema)) }, [
            'NOT_FOUND',
            'CONFLICT',
            ...(action === 'resume' ? (['QUEUE_FULL'] as const) : []),
            'MALFORMED_BODY',
            ...keyProblems,
          ]),
        },
      },
      (request) => {
        const { tenant, params } = request
        return jobs.act(tenant, params.id, action as keyof typeof actions, request.onStored({ status: 200, kind: 'jobs' }))
      },
    )
  }

  app.delete(
    '/jobs/:id',
    {
      schema: {
        operationId: 'deleteJob',
        tags: ['jobs'],
        summary: 'Delete a finished job with all its results',
        params,
        response: answers({ 204: noContent('Deleted.') }, ['NOT_FOUND', 'CONFLICT']),
      },
    },
    async ({ tenant, params: { id } }, reply) => {
      await jobs.remove(tenant, id)
      return reply.code(204).send()
    },
  )
}
