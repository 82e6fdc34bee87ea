/** What happened to all jobs of a tenant: /v1/events, as a list or as a stream */
import { Type } from 'typebox'
import { JobEventPageSchema, jobEventsQuery, lastEventIdSchema } from '../../api/job-event.schema.ts'
import { ref } from '../../catalog/ref.ts'
import { bareType } from '../../contracts/event-types.ts'
import type { AllEvents, EventStart } from '../../features/events/all-events.service.ts'
import { cutOffAtClose, describeStream, eventStreamType, ignoreEmptyId, toEventStream, writeJobEvents } from '../event-stream.ts'
import { metadataOf } from '../metadata-query.ts'
import type { OpenAnswers } from '../open-answers.ts'
import { preferredType } from '../plugins/negotiation.ts'
import { requestSignal } from '../request-signal.ts'
import { answers } from '../schemas.ts'
import type { App } from '../types.ts'

const headers = Type.Object({
  'last-event-id': Type.Optional(
    lastEventIdSchema(
      'For a stream: the `id` after which it goes on. It counts more than `after`; empty, it counts as left out. Clients of server-sent events send it by themselves.',
    ),
  ),
})
const streamExample = [
  'retry: 1000\n\n',
  'id: 48213-job_01kaf3m5d9v0q8c1x2y3z4w5a6-3\nevent: job.epoch\ndata: {"id":"48213-job_01kaf3m5d9v0q8c1x2y3z4w5a6-3","jobId":"job_01kaf3m5d9v0q8c1x2y3z4w5a6",' +
    '"seq":3,"type":"job.epoch","at":"2026-11-22T10:00:00.090Z","data":{"epoch":1,"loss":0.0362}}\n\n',
].join('')

/** `closing` aborts when the service is about to end, and with it every stream. */
export const addAllEventsRoutes = (
  app: App,
  { allEvents, streams, closing }: { allEvents: AllEvents; streams: OpenAnswers; closing: AbortSignal },
): void => {
  app.get(
    '/events',
    {
      preValidation: ignoreEmptyId,
      schema: {
        operationId: 'listAllEvents',
        tags: ['jobs'],
        summary: 'List the events of all jobs in order, or stream them live',
        description:
          'Oldest first, in one order for all jobs, in which nothing is added before what was told: who goes on after the last `id` misses nothing and ' +
          'gets nothing twice, at whichever process. For `Accept: text/event-stream` the events come as server-sent events: first those after ' +
          '`Last-Event-ID`, then each new one, without an end. `id` and `event` are the `id` and `type` of the event, `data` is the object of the list. ' +
          'Those of predictions for datasets are among those of the job whose weights they use. Filter by `type` and by any number of `metadata[key]=value` of the job. Events go with their jobs when those are deleted.',
        querystring: jobEventsQuery,
        headers,
        response: answers(
          {
            200: {
              description: 'The events.',
              content: {
                'application/json': { schema: ref(JobEventPageSchema) },
                [eventStreamType]: { schema: Type.String({ examples: [streamExample] }) },
              },
            },
          },
          ['NOT_ACCEPTABLE'],
        ),
      },
    },
    async (request, reply) => {
      const { tenant, query } = request
      const { after, limit, type = [], ...rest } = query
      const filter = { types: type.map(bareType), metadata: metadataOf(rest) }
      reply.header('vary', 'accept')
      // Who takes anything gets the list.
      if (preferredType(request, ['application/json', eventStreamType]) !== eventStreamType)
        return allEvents.list(tenant, filter, { start: { id: after, at: '/after' }, limit })

      streams.hold(tenant, reply)
      const signal = requestSignal(reply, closing)
      const known = request.headers['last-event-id']
      const start: EventStart = known === undefined ? { id: after, at: '/after' } : { id: known, at: '/last-event-id' }
      const parts = await allEvents.follow(tenant, filter, { start, signal })
      describeStream(reply)
      if (request.method === 'HEAD') return reply.send('')
      cutOffAtClose(reply, closing)
      return reply.send(toEventStream(parts, writeJobEvents, () => reply.raw.destroy()))
    },
  )
}
