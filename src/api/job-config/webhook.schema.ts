/** An address that is told of the events of one job, and what any webhook has. */
import { Type } from 'typebox'
import { eventTypes, type FullEventType, fullType } from '../../contracts/event-types.ts'

/** Types of events that a webhook may ask for. */
export const webhookEventTypes: FullEventType[] = eventTypes.map((type) => fullType(type))
export type WebhookEventType = FullEventType

export const webhookUrlSchema = Type.String({
  minLength: 1,
  maxLength: 2048,
  description:
    'Where events are sent: an https URL without a user name that leads to a public address. Whoever runs the service may allow http, and private addresses.',
})

const whichEvents =
  'Types of events to be told of: those of `GET /v1/jobs/{id}/events`, with `job.` before them, but for those that begin with `prediction.`.'

export const webhookEventsSchema = Type.Unsafe<WebhookEventType[]>({
  type: 'array',
  items: { type: 'string', enum: webhookEventTypes },
  minItems: 1,
  maxItems: webhookEventTypes.length,
  uniqueItems: true,
  description: whichEvents,
})

/** What a job's webhook is told of if its config does not say. */
const endTypes: WebhookEventType[] = ['job.succeeded', 'job.failed', 'job.cancelled']

export type JobWebhook = { url: string; events: WebhookEventType[] }

/** The part of a job config. */
export const jobWebhookSchema = Type.Unsafe<JobWebhook>({
  $id: 'JobWebhook',
  type: 'object',
  properties: {
    url: webhookUrlSchema,
    events: { ...webhookEventsSchema, default: endTypes, description: `${whichEvents} Unless said, how the job ends.` },
  },
  required: ['url'],
  additionalProperties: false,
  description: "An address that is told of this job's events; deliveries are signed with the secret of `GET /v1/webhooks/secret`.",
})
