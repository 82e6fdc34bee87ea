/** Where an event stands among those of all jobs, and how that is told to clients. (docs/adr/0034) */

/**
 * A place in the order of all events: those after it come later. With an event's own position, job and number it is the place of that event;
 * with a position alone (`jobId` empty) it is before every event of that position.
 */
export type EventPlace = { position: bigint; jobId: string; seq: number }

/** Before every event. */
export const beforeAllEvents: EventPlace = { position: 0n, jobId: '', seq: 0 }

/** Before every event that has this position or a later one. */
export const placeBefore = (position: bigint): EventPlace => ({ position, jobId: '', seq: 0 })

/** The id of an event, by which a reader goes on after it: `4711-job_01kaf3m5d9v0q8c1x2y3z4w5a6-3`; `4711` of a place between events. */
export const toEventId = ({ position, jobId, seq }: EventPlace): string => (jobId ? `${position}-${jobId}-${seq}` : String(position))

/** The place that an id names. The id must have the form of `eventIdSchema`. */
export const toPlace = (id: string): EventPlace => {
  const [position = '0', jobId = '', seq = '0'] = id.split('-')
  return { position: BigInt(position), jobId, seq: Number(seq) }
}
