/** What happened to a job, in order. */
import { type Static, Type } from 'typebox'
import { ref } from './ref.ts'

export const eventTypes = [
  'queued',
  'started',
  'epoch',
  'resumed',
  'pausing',
  'paused',
  'cancelling',
  'cancelled',
  'succeeded',
  'failed',
  'warning',
  'engine.changed',
  'released',
] as const
export type EventType = (typeof eventTypes)[number]

export const EventSchema = Type.Object(
  {
    seq: Type.Integer({ minimum: 1, description: "Number among the job's events, without gaps." }),
    type: Type.Unsafe<EventType>({ type: 'string', enum: [...eventTypes] }),
    at: Type.String({ format: 'date-time' }),
    data: Type.Record(Type.String(), Type.Unknown(), {
      description:
        "What belongs to this type of event. Of an `epoch`: `{epoch, loss}`, with `validationLoss` where rows are held back and `metrics` where some were asked for, the same as in the epoch's row. Of `succeeded`: the job's result.",
    }),
  },
  { $id: 'Event' },
)
export type EventResource = Static<typeof EventSchema>

export const EventsSchema = Type.Object(
  { data: Type.Array(ref(EventSchema)) },
  {
    $id: 'Events',
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
