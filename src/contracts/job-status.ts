/** The states of a job and the moves between them; every move is a compare-and-set on the row and an event. */

export const jobStatuses = ['queued', 'running', 'cancelling', 'pausing', 'paused', 'succeeded', 'failed', 'cancelled'] as const
export type JobStatus = (typeof jobStatuses)[number]

const moves: Record<JobStatus, readonly JobStatus[]> = {
  queued: ['running', 'paused', 'cancelled', 'failed'],
  running: ['queued', 'pausing', 'cancelling', 'succeeded', 'failed'],
  pausing: ['paused', 'running', 'cancelling', 'succeeded', 'failed'],
  paused: ['queued', 'cancelled'],
  cancelling: ['cancelled', 'succeeded', 'failed'],
  succeeded: [],
  failed: [],
  cancelled: [],
}

/** True for a state that a job never leaves. */
export const isTerminal = (status: JobStatus): boolean => moves[status].length === 0

/** True where a job may go from one state to the other. */
export const canMove = (from: JobStatus, to: JobStatus): boolean => moves[from].includes(to)
