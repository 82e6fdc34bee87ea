/** What happened to a job: /v1/jobs/{id}/events, as a list or as a stream */
import { Type } from 'typebox'
import { EventsSchema } from '../../api/event.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { EventFeed } from '../../features/jobs/event-feed.service.ts'
import type { ResultsService } from '../../features/jobs/results.service.ts'
import { cutOffAtClose, describeStream, eventStreamType, ignoreEmptyId, toEventStream, writeEvents } from '../event-stream.ts'
import type { OpenAnswers } from '../open-answers.ts'
import { preferredType } from '../plugins/negotiation.ts'
import { requestSignal } from '../request-signal.ts'
import { answers, idParams, noContent } from '../schemas.ts'
import type { App } from '../types.ts'

const maxEvents = 2 ** 31 - 1

const query = Type.Object(
  {
    after: Type.Integer({ minimum: 0, maximum: maxEvents, default: 0, description: 'Only events with a greater `seq`.' }),
    limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 10_000, description: 'At most so many; a stream gives all.' }),
  },
  { additionalProperties: false },
)
const headers = Type.Object({
  'last-event-id': Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: maxEvents,
      published: { anyOf: [{ type: 'integer', minimum: 0, maximum: maxEvents }, { const: '' }] },
      description:
        'For a stream: the `seq` after which it goes on. It counts more than `after`; empty, it counts as left out. Clients of server-sent events send it by themselves.',
    }),
  ),
})
const streamExample = [
  'retry: 1000\n\n',
  'id: 1\nevent: queued\ndata: {"seq":1,"type":"queued","at":"2026-11-22T10:00:00.000Z","data":{}}\n\n',
  'id: 2\nevent: started\ndata: {"seq":2,"type":"started","at":"2026-11-22T10:00:00.012Z","data":{}}\n\n',
  'id: 3\nevent: epoch\ndata: {"seq":3,"type":"epoch","at":"2026-11-22T10:00:00.090Z","data":{"epoch":1,"loss":0.0362}}\n\n',
].join('')

/** `closing` aborts when the service is about to end, and with it every stream. */
export const addEventRoutes = (
  app: App,
  {
    results,
    feed,
    streams,
    openPerTenant,
    closing,
  }: { results: ResultsService; feed: EventFeed; streams: OpenAnswers; openPerTenant: number; closing: AbortSignal },
): void => {
  app.get(
    '/jobs/:id/events',
    {
      preValidation: ignoreEmptyId,
      schema: {
        operationId: 'listEvents',
        tags: ['results'],
        summary: "List a job's events in order, or stream them live",
        description:
          'For `Accept: text/event-stream` the events come as server-sent events: first those after `Last-Event-ID`, then each new one, ' +
          'until the job is final; what its predictions for datasets tell later is told when it is asked for again. `id` is the `seq`, `event` the type, `data` the same object as in the list. Comments keep a quiet connection ' +
          'open. A client that comes back after the last event gets 204, which tells it to stop. ' +
          `A tenant may hold ${openPerTenant} streams open at one process; one more is a 429. A client that reads nothing for 30 seconds is cut off, and can come back. ` +
          'Where more than 50 clients wait at a process, epochs are told twice a second at most, everything else at once.',
        params: idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6'),
        querystring: query,
        headers,
        response: answers(
          {
            200: {
              description: 'The events.',
              content: {
                'application/json': { schema: ref(EventsSchema) },
                [eventStreamType]: { schema: Type.String({ examples: [streamExample] }) },
              },
            },
            204: noContent('For a stream: the job is final, and nothing came after `Last-Event-ID`.'),
          },
          ['NOT_FOUND', 'NOT_ACCEPTABLE'],
        ),
      },
    },
    async (request, reply) => {
      const { tenant, params, query } = request
      reply.header('vary', 'accept')
      // Who takes anything gets the list.
      if (preferredType(request, ['application/json', eventStreamType]) !== eventStreamType)
        return { data: await results.events(tenant, params.id, query) }

      streams.hold(tenant, reply)
      const signal = requestSignal(reply, closing)
      const after = request.headers['last-event-id'] ?? query.after
      const pages = await feed.follow(tenant, params.id, { after, signal })
      if (!pages) return reply.code(204).send()
      describeStream(reply)
      if (request.method === 'HEAD') return reply.send('')
      cutOffAtClose(reply, closing)
      return reply.send(toEventStream(pages, writeEvents, () => reply.raw.destroy()))
    },
  )
}
