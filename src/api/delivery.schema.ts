/** What a webhook was told, or is to be told. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { notBeforeKeyword } from '../validation/not-before.ts'
import { nullable } from './nullable.ts'
import { pageOf, pageQuery } from './page.schema.ts'

/** Deliveries of a tenant that may wait at a time. */
export const maxPendingDeliveries = 1000
/** Deliveries of a webhook that are over, and days, for which they are kept. */
export const keptDeliveries = 1000
export const keptDeliveryDays = 7
/** Deliveries that one request sends again. */
export const maxReplayed = 1000
/** Seconds after an attempt that failed at which the next one is, at the latest; a quarter of them sooner at the earliest. */
export const retrySeconds = [4, 30, 120, 600, 1800, 7200, 18_000, 36_000] as const
/** How long one attempt may take. */
export const attemptMs = 10_000
/** Bytes of an answer that are kept. */
export const keptAnswerBytes = 1024

/** The type of an event that tells of nothing. */
export const webhookTestType = 'webhook.test'

export const deliveryStatuses = ['pending', 'delivered', 'failed', 'dropped'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

export const AttemptSchema = Type.Object(
  {
    at: Type.String({ format: 'date-time', description: 'When it began.' }),
    seconds: Type.Number({ minimum: 0, description: 'How long it took.' }),
    status: nullable(Type.Integer(), 'HTTP status of the answer; null if none came.'),
    body: nullable(
      Type.String({ maxLength: keptAnswerBytes }),
      'First 1,024 bytes of the answer, of a public address alone; null for any other.',
    ),
    error: nullable(Type.String(), 'Why it failed; null if it did not.'),
  },
  { $id: 'DeliveryAttempt', description: 'An attempt to tell an event.' },
)
export type Attempt = Static<typeof AttemptSchema>

const example = {
  id: 'dlv_01kaf3m5d9v0q8c1x2y3z4w5a6',
  webhookId: 'whk_01kaf3m5d9v0q8c1x2y3z4w5a6',
  jobId: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6',
  type: 'job.succeeded',
  status: 'delivered',
  attempts: 1,
  nextAttemptAt: null,
  lastAttempt: { at: '2026-11-26T10:00:00.020Z', seconds: 0.041, status: 204, body: '', error: null },
  createdAt: '2026-11-26T10:00:00.010Z',
  finishedAt: '2026-11-26T10:00:00.061Z',
}

export const DeliverySchema = Type.Object(
  {
    id: Type.String({ description: '`dlv_…`; the `webhook-id` of every attempt.' }),
    webhookId: Type.String({ description: 'The webhook that is told.' }),
    jobId: nullable(Type.String(), 'The job that it is about; null for a test.'),
    type: Type.String({ description: 'Type of the event.' }),
    status: Type.Unsafe<DeliveryStatus>({
      type: 'string',
      enum: [...deliveryStatuses],
      description: '`failed`: the last attempt came to nothing too. `dropped`: too many waited. Both can be replayed.',
    }),
    attempts: Type.Integer({ minimum: 0, description: 'How often it was tried since it was last replayed.' }),
    nextAttemptAt: nullable(Type.String({ format: 'date-time' }), 'When it is tried next, at the earliest; null once it is over.'),
    lastAttempt: nullable(ref(AttemptSchema), 'The last attempt; null before the first.'),
    createdAt: Type.String({ format: 'date-time' }),
    finishedAt: nullable(Type.String({ format: 'date-time' }), 'When it was over; null while it is pending.'),
  },
  { $id: 'Delivery', description: 'An event as one webhook is told of it.', examples: [example] },
)
export type DeliveryResource = Static<typeof DeliverySchema>

export const DeliveryPageSchema = pageOf(ref(DeliverySchema), {
  $id: 'DeliveryPage',
  description: 'A page of deliveries.',
  examples: [{ data: [example], hasMore: false, nextCursor: null }],
})

export const deliveryListQuery = Type.Object(
  {
    ...pageQuery('dlv'),
    status: Type.Optional(
      Type.Unsafe<DeliveryStatus>({ type: 'string', enum: [...deliveryStatuses], description: 'Only deliveries of this status.' }),
    ),
  },
  { additionalProperties: false },
)

export const ReplayRangeSchema = Type.Object(
  {
    from: Type.String({ format: 'date-time', description: 'Deliveries that were made at this time or later.' }),
    to: Type.Optional(
      Type.String({ format: 'date-time', [notBeforeKeyword]: 'from', description: 'And before this time; now unless said.' }),
    ),
    status: Type.Optional(
      Type.Unsafe<Exclude<DeliveryStatus, 'pending'>>({
        type: 'string',
        enum: deliveryStatuses.filter((one) => one !== 'pending'),
        description: 'Only those of this status; all that are over unless said.',
      }),
    ),
  },
  {
    $id: 'ReplayRange',
    additionalProperties: false,
    description: 'Which deliveries are to be sent again.',
    examples: [{ from: '2026-11-26T10:00:00.000Z', status: 'failed' }],
  },
)
export type ReplayRange = Static<typeof ReplayRangeSchema>

export const ReplayedSchema = Type.Object(
  {
    replayed: Type.Integer({ minimum: 0, description: 'Deliveries that are sent again, the oldest first.' }),
    hasMore: Type.Boolean({ description: 'Whether there are more: as many as may wait do already.' }),
  },
  { $id: 'Replayed', description: 'What a replay comes to.', examples: [{ replayed: 12, hasMore: false }] },
)
export type Replayed = Static<typeof ReplayedSchema>

/** What has a name. */
export const deliverySchemas = [AttemptSchema, DeliverySchema, DeliveryPageSchema, ReplayRangeSchema, ReplayedSchema]
