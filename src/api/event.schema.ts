/** What happened to a job, in order: one schema for each type of event, which the writers and the stream use too. */
import { type Static, type TSchema, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { type EventType, eventTypes } from '../contracts/event-types.ts'
import { DatasetPredictionErrorSchema } from './dataset-prediction.schema.ts'
import { EngineSchema } from './job.schema.ts'
import { thresholdMetricSchema } from './job-config/thresholds.schema.ts'
import { JobErrorSchema, JobResultSchema } from './job-result.schema.ts'
import { nullable } from './nullable.ts'
import { jsonNumber } from './numbers.ts'

const fromEpoch = Type.Integer({ minimum: 0, description: 'Finished epochs from which it goes on.' })
const predictionId = Type.String({ description: '`pred_…`' })
const rows = Type.Integer({ minimum: 0, description: 'Rows of the dataset.' })
const reason = Type.String({ description: 'Why, for people.' })
/** A reason is there if a worker died while it was to stop. */
const mayHaveReason = Type.Object(
  { reason: Type.Optional(reason) },
  { $id: 'EventStopData', description: 'A reason, if the job did not stop as it was asked to.' },
)
const nothing = Type.Object({}, { $id: 'EventNoData', additionalProperties: false, description: 'Nothing besides the type.' })

/** What belongs to each type of event. */
export const eventDataSchemas = {
  queued: Type.Object(
    {
      waitsFor: Type.Optional(
        Type.Unsafe<'gpu'>({ type: 'string', enum: ['gpu'], description: 'What a worker must have to take the job, if not any will do.' }),
      ),
    },
    { $id: 'EventQueuedData', description: 'What the job waits for.' },
  ),
  started: nothing,
  epoch: Type.Object(
    {
      epoch: Type.Integer({ minimum: 1, description: 'Number of the epoch, from 1.' }),
      loss: jsonNumber("The same as in the epoch's row, as are the others."),
      validationLoss: Type.Optional(jsonNumber('Loss over the rows held back, if there are any.')),
      metrics: Type.Optional(Type.Record(Type.String(), jsonNumber(), { description: 'Those that were asked for, if any were.' })),
    },
    { $id: 'EventEpochData', description: 'What the epoch gave.' },
  ),
  threshold: Type.Object(
    {
      metric: ref(thresholdMetricSchema),
      below: Type.Optional(Type.Number({ description: 'The limit that the value is below, if the entry of `on` has this one.' })),
      above: Type.Optional(Type.Number({ description: 'The limit that the value is above, if the entry of `on` has this one.' })),
      value: jsonNumber("The same as in the epoch's row."),
      epoch: Type.Integer({ minimum: 1, description: 'Number of the epoch, from 1.' }),
    },
    { $id: 'EventThresholdData', description: 'The entry of `on`, and what passed it.' },
  ),
  resumed: Type.Object({ fromEpoch }, { $id: 'EventResumedData', description: 'How far the job was.' }),
  pausing: nothing,
  paused: mayHaveReason,
  cancelling: nothing,
  cancelled: mayHaveReason,
  succeeded: JobResultSchema,
  failed: JobErrorSchema,
  warning: Type.Object(
    { message: Type.String({ description: 'For people.' }) },
    { $id: 'EventWarningData', description: 'What is worth knowing.' },
  ),
  'engine.changed': Type.Object(
    { from: ref(EngineSchema), to: ref(EngineSchema) },
    { $id: 'EventEngineChangedData', description: 'The engine before, and the one from here on.' },
  ),
  released: Type.Object({ reason }, { $id: 'EventReleasedData', description: 'Why the job waits again.' }),
  'prediction.started': Type.Object({ predictionId, rows }, { $id: 'EventPredictionStartedData', description: 'Which prediction.' }),
  'prediction.succeeded': Type.Object(
    {
      predictionId,
      rows,
      epoch: Type.Integer({ minimum: 0, description: 'Finished epochs behind the weights.' }),
      seconds: Type.Number({ minimum: 0, description: 'Time that workers have spent on it.' }),
      metrics: nullable(Type.Record(Type.String(), jsonNumber()), 'As the prediction has them; null if its dataset was not measured by.'),
    },
    { $id: 'EventPredictionSucceededData', description: 'Which prediction, and how well it does.' },
  ),
  'prediction.failed': Type.Object(
    { predictionId, ...DatasetPredictionErrorSchema.properties },
    { $id: 'EventPredictionFailedData', description: 'Which prediction, and why it failed.' },
  ),
  'prediction.cancelled': Type.Object({ predictionId }, { $id: 'EventPredictionCancelledData', description: 'Which prediction.' }),
} satisfies Record<EventType, TSchema>

/** What each type tells. */
export const eventSummaries: Record<EventType, string> = {
  queued: 'The job waits for a worker: it was posted, or let go on after a pause.',
  started: 'A worker took the job for the first time.',
  epoch: 'An epoch was finished.',
  threshold: 'An epoch passed a limit of `on`, for the first time in this job.',
  resumed: 'The job goes on: with another worker, or since a pause was called off.',
  pausing: 'The job was asked to pause.',
  paused: 'The job has paused.',
  cancelling: 'The job was asked to end.',
  cancelled: 'The job has ended because it was asked to.',
  succeeded: 'The job has ended with a result.',
  failed: 'The job has ended with an error.',
  warning: 'Something about the job is worth knowing.',
  'engine.changed': 'The job goes on with another engine: its numbers may round differently from here on.',
  released: 'A worker gave the job back, or died; it waits for the next.',
  'prediction.started': 'A worker took up a prediction for a dataset.',
  'prediction.succeeded': 'A prediction for a dataset is there.',
  'prediction.failed': 'A prediction for a dataset has ended with an error.',
  'prediction.cancelled': 'A prediction for a dataset was deleted before its end.',
}

type Data = { [Type in EventType]: Static<(typeof eventDataSchemas)[Type]> }

/** An event as it is written, by type. */
export type NewEvent = { [Type in EventType]: { type: Type; data: Data[Type] } }[EventType]

/** An event as the API shows it. */
export type EventResource = NewEvent & { seq: number; at: string }

const members = eventTypes.map(schemaOf)

export const EventSchema = Type.Unsafe<EventResource>({
  $id: 'Event',
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: members.map((member) => ref(member)),
  description: 'Something that happened to a job; what `data` has depends on `type`.',
})

const ownData = new Set(Object.values(eventDataSchemas).filter((schema) => schema !== JobResultSchema && schema !== JobErrorSchema))

export const EventsSchema = Type.Object(
  { data: Type.Array(ref(EventSchema)) },
  {
    $id: 'Events',
    description: 'Events of a job.',
    examples: [
      {
        data: [
          { seq: 1, type: 'queued', at: '2026-11-22T10:00:00.000Z', data: {} },
          { seq: 2, type: 'started', at: '2026-11-22T10:00:00.012Z', data: {} },
          { seq: 3, type: 'epoch', at: '2026-11-22T10:00:00.090Z', data: { epoch: 1, loss: 0.0362, metrics: { mae: 0.15 } } },
        ],
      },
    ],
  },
)

/** The union, its members, what belongs to them alone, and a list of them. */
export const eventSchemas = [...ownData, ...members, EventSchema, EventsSchema]

/** `EventEngineChanged` of `engine.changed`. */
export function nameOfEvent(type: EventType): string {
  return `Event${type.replace(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase())}`
}

function schemaOf(type: EventType) {
  return Type.Object(
    {
      seq: Type.Integer({ minimum: 1, description: "Number among the job's events, without gaps." }),
      type: Type.Literal(type),
      at: Type.String({ format: 'date-time' }),
      data: ref<(typeof eventDataSchemas)[EventType]>(eventDataSchemas[type]),
    },
    { $id: nameOfEvent(type), description: eventSummaries[type] },
  )
}
