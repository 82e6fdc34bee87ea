/** What a client may do to a job, and what it makes of each status. */
import { isTerminal, type JobStatus } from '../../contracts/job-status.ts'

export type JobAction = 'cancel' | 'pause' | 'resume'

/** The status that an action leads to; the same status where there is nothing to do; null where it is refused. */
export const statusAfter = (action: JobAction, status: JobStatus): JobStatus | null => {
  if (isTerminal(status)) return null
  return after[action][status] ?? null
}

const after: Record<JobAction, Partial<Record<JobStatus, JobStatus>>> = {
  // A worker that holds the job is told to stop; a job that nobody holds stops at once.
  cancel: { queued: 'cancelled', paused: 'cancelled', running: 'cancelling', pausing: 'cancelling', cancelling: 'cancelling' },
  pause: { queued: 'paused', running: 'pausing', pausing: 'pausing', paused: 'paused' },
  // A worker that was about to pause goes on.
  resume: { paused: 'queued', pausing: 'running', running: 'running', queued: 'queued' },
}
