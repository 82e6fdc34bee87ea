/** /v1/jobs */
import { Type } from 'typebox'
import { JobEstimateSchema, JobPageSchema, JobSchema, jobListQuery } from '../../api/job.schema.ts'
import { JobConfigSchema } from '../../api/job-config.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { JobService } from '../../features/jobs/job.service.ts'
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
  retryHeader,
  waitQuery,
} from '../schemas.ts'
import type { App } from '../types.ts'

const params = idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6')

const createQuery = Type.Object(
  { validateOnly: Type.Boolean({ default: false, description: 'Only checks the config and estimates the job; creates nothing.' }) },
  { additionalProperties: false },
)
const actions = {
  cancel: 'Cancel a job: at once if it waits, within a second if it runs',
  pause: 'Pause a job; it keeps its checkpoint',
  resume: 'Resume a paused job',
} as const

export const addJobRoutes = (
  app: App,
  { jobs, bodyLimit, closing }: { jobs: JobService; bodyLimit: number; closing: AbortSignal },
): void => {
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
        summary: 'List jobs, newest first',
        description: 'Filter by `status`, by time, and by any number of `metadata[key]=value`: what is shown meets all of them.',
        querystring: jobListQuery,
        response: answers({ 200: answer('One page.', ref(JobPageSchema)) }, ['VALIDATION_FAILED']),
      },
    },
    ({ tenant, query: { after, limit, createdAfter, createdBefore, status, ...rest } }) =>
      jobs.list(tenant, { statuses: status, metadata: metadataOf(rest) }, { after, limit, createdAfter, createdBefore }),
  )

  app.get(
    '/jobs/:id',
    {
      schema: {
        operationId: 'getJob',
        tags: ['jobs'],
        summary: 'Get a job, or wait for its next change or its end',
        params,
        querystring: waitQuery,
        response: answers({ 200: answer('The job.', ref(JobSchema)) }, ['NOT_FOUND', 'VALIDATION_FAILED']),
      },
    },
    ({ tenant, params: { id }, query: { waitFor, wait = waitFor === 'end' ? 60 : 0 } }, reply) =>
      jobs.get(tenant, id, { waitSeconds: wait, waitFor, signal: requestSignal(reply, closing) }),
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

/** `metadata[key]=value` as `{key: value}`. */
const metadataOf = (query: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => {
      const key = /^metadata\[(.+)\]$/.exec(name)?.[1]
      return key === undefined ? [] : [[key, String(value)]]
    }),
  )
