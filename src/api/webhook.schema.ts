/** Addresses that are told of events, and what they are told. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { deliverySchemas } from './delivery.schema.ts'
import { webhookEventsSchema as events, webhookUrlSchema as url } from './job-config/webhook.schema.ts'
import { nullable } from './nullable.ts'
import { pageOf, pageQuery } from './page.schema.ts'

/** Webhooks of a tenant, those that came with jobs apart. */
export const maxWebhooks = 20
/** How long a secret that was replaced still signs, in hours. */
export const secretOverlapHours = 24

const description = Type.String({ maxLength: 500, description: 'A note of your own.' })

export const CreateWebhookSchema = Type.Object(
  { url, events, description: Type.Optional(description) },
  {
    $id: 'CreateWebhook',
    additionalProperties: false,
    description: 'An address, and what it is to be told of.',
    examples: [{ url: 'https://hooks.example/trainyard', events: ['job.succeeded', 'job.failed'], description: 'chat of the team' }],
  },
)
export type CreateWebhook = Static<typeof CreateWebhookSchema>

export const webhookStatuses = ['enabled', 'disabled'] as const
export type WebhookStatus = (typeof webhookStatuses)[number]
const disabledReasons = ['gone', 'asked'] as const
export type DisabledReason = (typeof disabledReasons)[number]

const status = Type.Unsafe<WebhookStatus>({
  type: 'string',
  enum: [...webhookStatuses],
  description: 'A disabled webhook is told of nothing that happens; what waited to be sent waits on.',
})

export const UpdateWebhookSchema = Type.Object(
  {
    url: Type.Optional(url),
    events: Type.Optional(events),
    description: Type.Optional(nullable(description, 'A note of your own; null takes it away.')),
    status: Type.Optional(status),
  },
  {
    $id: 'UpdateWebhook',
    additionalProperties: false,
    minProperties: 1,
    description: 'What is to change.',
    examples: [{ events: ['job.succeeded', 'job.failed', 'job.cancelled'] }],
  },
)
export type UpdateWebhook = Static<typeof UpdateWebhookSchema>

const example = {
  id: 'whk_01kaf3m5d9v0q8c1x2y3z4w5a6',
  url: 'https://hooks.example/trainyard',
  events: ['job.succeeded', 'job.failed'],
  description: 'chat of the team',
  jobId: null,
  status: 'enabled',
  disabledReason: null,
  dropped: 0,
  previousSecretExpiresAt: null,
  createdAt: '2026-11-26T10:00:00.000Z',
  updatedAt: '2026-11-26T10:00:00.000Z',
}

const fields = {
  id: Type.String({ description: '`whk_…`' }),
  url: Type.String({ description: 'Where events are sent.' }),
  events: Type.Array(Type.String(), { description: 'Types of events that it is told of.' }),
  description: nullable(Type.String(), 'A note, if there is one.'),
  jobId: nullable(Type.String(), 'The job whose config it came with; null for one that is told of all jobs.'),
  status,
  disabledReason: nullable(
    Type.Unsafe<DisabledReason>({ type: 'string', enum: [...disabledReasons] }),
    '`gone` if the receiver answered 410, `asked` if a PATCH disabled it.',
  ),
  dropped: Type.Integer({ minimum: 0, description: 'Deliveries that were dropped because too many waited.' }),
  previousSecretExpiresAt: nullable(
    time(''),
    'Until when the secret before signs too; null if there is none, and if the secret is that of the tenant.',
  ),
  createdAt: time('When it was made.'),
  updatedAt: time('When it was last changed.'),
}

export const WebhookSchema = Type.Object(fields, {
  $id: 'Webhook',
  description: 'An address that is told of events.',
  examples: [example],
})
export type WebhookResource = Static<typeof WebhookSchema>

const secret = Type.String({
  description: '`whsec_` and the key in base64: what verifies `webhook-signature` by the rules of Standard Webhooks.',
})

export const WebhookWithSecretSchema = Type.Object(
  { ...fields, secret },
  {
    $id: 'WebhookWithSecret',
    description: 'A webhook, and its secret, which is not shown again.',
    examples: [{ ...example, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }],
  },
)
export type WebhookWithSecret = Static<typeof WebhookWithSecretSchema>

export const WebhookPageSchema = pageOf(ref(WebhookSchema), {
  $id: 'WebhookPage',
  description: 'A page of webhooks.',
  examples: [{ data: [example], hasMore: false, nextCursor: null }],
})

export const webhookListQuery = Type.Object(
  {
    ...pageQuery('whk'),
    jobId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'The webhook of this job instead of those that are told of all jobs.' }),
    ),
  },
  { additionalProperties: false },
)

export const TenantSecretSchema = Type.Object(
  { secret, previousSecretExpiresAt: nullable(time(''), 'Until when the secret before signs too; null if there is none.') },
  {
    $id: 'WebhookSecret',
    description: 'What signs deliveries to the webhooks of single jobs.',
    examples: [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', previousSecretExpiresAt: null }],
  },
)
export type TenantSecret = Static<typeof TenantSecretSchema>

/** What has a name. */
export const webhookSchemas = [
  ...deliverySchemas,
  CreateWebhookSchema,
  UpdateWebhookSchema,
  WebhookSchema,
  WebhookWithSecretSchema,
  WebhookPageSchema,
  TenantSecretSchema,
]

function time(description: string) {
  return Type.String({ format: 'date-time', ...(description ? { description } : {}) })
}
