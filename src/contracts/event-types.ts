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
] as const
export type EventType = (typeof eventTypes)[number]

/** Types that may come many times a second. */
export const chattyEventTypes: readonly EventType[] = ['epoch']
