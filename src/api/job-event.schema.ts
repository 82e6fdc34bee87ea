/** What happened to all jobs of a tenant: the events of each, with the job that they belong to, in one order. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { type EventType, eventTypes, type FullEventType, fullType } from '../contracts/event-types.ts'
import { eventDataSchemas, eventSummaries, nameOfEvent } from './event.schema.ts'
import { metadataPatterns } from './metadata.schema.ts'
import { nullable } from './nullable.ts'

const jobEventTypes: readonly FullEventType[] = eventTypes.map((type) => fullType(type))

/** An event as the API shows it among those of all jobs. */
export type JobEventResource = {
  [Type in EventType]: {
    id: string
    jobId: string
    seq: number
    type: FullEventType<Type>
    at: string
    data: Static<(typeof eventDataSchemas)[Type]>
  }
}[EventType]

const exampleId = '48213-job_01kaf3m5d9v0q8c1x2y3z4w5a6-3'

const title = 'the id of an event, the nextCursor of a page of events, or "latest"'
const eventIdPattern = '(\\d{1,18}(-job_[0-9a-z]{26}-\\d{1,9})?|latest)'

/** An id after which to go on: as events have them, or of a place between events; `latest` goes on with what comes. */
export const eventIdSchema = (description: string) => Type.String({ pattern: `^${eventIdPattern}$`, title, description })

/** The same as the header of a stream, which may be empty: the client has seen no event yet. */
export const lastEventIdSchema = (description: string) => Type.String({ pattern: `^${eventIdPattern}?$`, title, description })

/** Which events a list or stream of those of all jobs has; `metadata[key]=value` may come several times. */
export const jobEventsQuery = Type.Unsafe<Record<string, unknown> & { after?: string; limit: number; type?: FullEventType[] }>({
  ...Type.Object({
    after: Type.Optional(
      eventIdSchema("Only events after the one of this id, or after a page's `nextCursor`. `latest`: only those that come from now on."),
    ),
    limit: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 100,
      description: 'Most events of a page, which ends earlier if they come to 1 MiB; a stream gives all.',
    }),
    type: Type.Optional(
      Type.Array(Type.Unsafe<FullEventType>({ type: 'string', enum: [...jobEventTypes] }), {
        minItems: 1,
        maxItems: jobEventTypes.length,
        description: 'Only events of this type, or of one of them if it is given several times.',
      }),
    ),
  }),
  patternProperties: metadataPatterns,
  additionalProperties: false,
})

/** What every event has, so that the document says it once. */
const placeSchema = Type.Object(
  {
    id: Type.String({ description: 'Names its place among the events of all jobs: `after` and `Last-Event-ID` go on from there.' }),
    jobId: Type.String({ description: '`job_…`' }),
    seq: Type.Integer({ minimum: 1, description: "Number among the job's events, without gaps." }),
    at: Type.String({ format: 'date-time' }),
  },
  { $id: 'JobEventPlace', description: 'Which event it is, and when it came.' },
)

const members = eventTypes.map((type) =>
  Type.Object(
    { type: Type.Literal(fullType(type)), data: ref<(typeof eventDataSchemas)[EventType]>(eventDataSchemas[type]) },
    { $id: `Job${nameOfEvent(type)}`, allOf: [ref(placeSchema)], description: eventSummaries[type] },
  ),
)

export const JobEventSchema = Type.Unsafe<JobEventResource>({
  $id: 'JobEvent',
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: members.map((member) => ref(member)),
  description: 'Something that happened to one of your jobs; what `data` has depends on `type`.',
})

export const JobEventPageSchema = Type.Object(
  {
    data: Type.Array(ref(JobEventSchema), { description: 'In order: those of one job by `seq`, of several as they were stored.' }),
    hasMore: Type.Boolean({ description: 'Whether there may be more already. With a filter a page may be empty and yet not the last.' }),
    nextCursor: nullable(
      Type.String(),
      'What to pass as `after` for the next page; null if there is none yet. Then go on after the last `id`.',
    ),
  },
  {
    $id: 'JobEventPage',
    description: 'Events of all jobs.',
    examples: [
      {
        data: [
          {
            id: exampleId,
            jobId: 'job_01kaf3m5d9v0q8c1x2y3z4w5a6',
            seq: 3,
            type: 'job.epoch',
            at: '2026-11-22T10:00:00.090Z',
            data: { epoch: 1, loss: 0.0362 },
          },
        ],
        hasMore: false,
        nextCursor: null,
      },
    ],
  },
)
export type JobEventPage = { data: JobEventResource[]; hasMore: boolean; nextCursor: string | null }

/** The union, its members and a page of them. */
export const jobEventSchemas = [placeSchema, ...members, JobEventSchema, JobEventPageSchema]
