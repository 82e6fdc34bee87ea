/** What can happen to a prediction for a whole dataset, which is told among the events of the job whose weights it uses. */
export const predictionEventTypes = ['prediction.started', 'prediction.succeeded', 'prediction.failed', 'prediction.cancelled'] as const
export type PredictionEventType = (typeof predictionEventTypes)[number]

/** What can happen to a job, by the types of its events, in the order in which they are listed. */
export const eventTypes = [
  'queued',
  'started',
  'epoch',
  'threshold',
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
  ...predictionEventTypes,
] as const
export type EventType = (typeof eventTypes)[number]

/** A type where jobs are not all that there is: `job.epoch`, and `prediction.failed` as it stands. */
export type FullEventType<Type extends EventType = EventType> = Type extends PredictionEventType ? Type : `job.${Type}`

export const isOfPrediction = (type: string): type is PredictionEventType => (predictionEventTypes as readonly string[]).includes(type)

export const fullType = <Type extends EventType>(type: Type): FullEventType<Type> =>
  (isOfPrediction(type) ? type : `job.${type}`) as FullEventType<Type>

/** The type that `fullType` was given. */
export const bareType = (type: FullEventType): EventType => (isOfPrediction(type) ? type : type.slice('job.'.length)) as EventType

/** Types that may come many times a second. */
export const chattyEventTypes: readonly EventType[] = ['epoch']
