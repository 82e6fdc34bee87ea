import type { JobStatus } from '../api/types.ts'

const kinds: Record<JobStatus, string> = {
  queued: '',
  running: 'busy',
  cancelling: 'warn',
  pausing: 'warn',
  paused: 'warn',
  succeeded: 'good',
  failed: 'bad',
  cancelled: '',
}

/** The status of a job, by word and color. */
export const StatusBadge = ({ status }: { status: JobStatus }) => <span class={`badge ${kinds[status]}`}>{status}</span>
