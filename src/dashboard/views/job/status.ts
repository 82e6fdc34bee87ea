import type { Job, JobStatus } from '../../api/types.ts'

/** True of a status that a job never leaves. */
export const isFinal = (status: JobStatus): boolean => status === 'succeeded' || status === 'failed' || status === 'cancelled'

export type JobAction = 'cancel' | 'pause' | 'resume'

/** What can be asked of a job now. */
export const actionsFor = ({ status }: Job): JobAction[] => {
  if (status === 'paused' || status === 'pausing') return ['resume', 'cancel']
  if (status === 'queued' || status === 'running') return ['pause', 'cancel']
  return []
}
