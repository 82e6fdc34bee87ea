/**
 * The life of a job: its statuses, and what moves it from one to another. A client asks (`statusAfter`), a worker claims a
 * queued job and it is running, and a worker lets go or dies (`afterRelease`, which the SQL statements are given). Every move
 * is made on the row under its lock, with an event.
 */

export const jobStatuses = ['queued', 'running', 'cancelling', 'pausing', 'paused', 'succeeded', 'failed', 'cancelled'] as const
export type JobStatus = (typeof jobStatuses)[number]

/** Waits to be claimed. */
export const runnableStatus = 'queued' satisfies JobStatus
/** A worker holds the job. */
export const heldStatuses = ['running', 'pausing', 'cancelling'] as const satisfies JobStatus[]
/** A job never leaves them. */
export const terminalStatuses = ['succeeded', 'failed', 'cancelled'] as const satisfies JobStatus[]
/** True of a status that a job never leaves, and of the event that tells of it. */
export const isTerminal = (status: string): status is (typeof terminalStatuses)[number] =>
  terminalStatuses.some((terminal) => terminal === status)

/** A job may still leave them. */
export const activeStatuses: JobStatus[] = jobStatuses.filter((status) => !isTerminal(status))

export type HeldStatus = (typeof heldStatuses)[number]

/** What a client may ask of a job. */
export const jobActions = ['cancel', 'pause', 'resume'] as const
export type JobAction = (typeof jobActions)[number]

/** The status that an action leads to; the same status if there is nothing to do; null if it is refused. */
export const statusAfter = (action: JobAction, status: JobStatus): JobStatus | null => afterAction[action][status] ?? null

const afterAction: Record<JobAction, Partial<Record<JobStatus, JobStatus>>> = {
  // A worker that holds the job is told to stop; a job that nobody holds stops at once.
  cancel: { queued: 'cancelled', paused: 'cancelled', running: 'cancelling', pausing: 'cancelling', cancelling: 'cancelling' },
  pause: { queued: 'paused', running: 'pausing', pausing: 'pausing', paused: 'paused' },
  // A worker that was about to pause goes on.
  resume: { paused: 'queued', pausing: 'running', running: 'running', queued: 'queued' },
}

/** Deaths without a new checkpoint in between that end a job. */
export const maxCrashes = 3

/** How a worker lets go of a job: with the status that it wishes for, by dying, or by dying for the last time that a job survives. */
export const releases = ['succeeded', 'failed', 'cancelled', 'paused', 'queued', 'crashed', 'crashedTooOften'] as const
export type Release = (typeof releases)[number]

/**
 * What becomes of a held job. It is not queued again if it was to be cancelled or paused; and one that was told to go on
 * while its worker was pausing it stays with that worker.
 */
export const afterRelease: Record<Release, Record<HeldStatus, JobStatus>> = {
  succeeded: { running: 'succeeded', pausing: 'succeeded', cancelling: 'succeeded' },
  failed: { running: 'failed', pausing: 'failed', cancelling: 'failed' },
  cancelled: { running: 'cancelled', pausing: 'cancelled', cancelling: 'cancelled' },
  paused: { running: 'running', pausing: 'paused', cancelling: 'cancelled' },
  queued: { running: 'queued', pausing: 'paused', cancelling: 'cancelled' },
  crashed: { running: 'queued', pausing: 'paused', cancelling: 'cancelled' },
  crashedTooOften: { running: 'failed', pausing: 'paused', cancelling: 'cancelled' },
}

/** Why a job that was let go before its end went on with another claim. */
export const restartCauses = ['processCrashed', 'workerLost', 'workerStopped'] as const
export type RestartCause = (typeof restartCauses)[number]

/** Restarts that a job tells of, the last ones. */
export const keptRestarts = 20
