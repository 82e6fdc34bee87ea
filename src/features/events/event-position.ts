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
