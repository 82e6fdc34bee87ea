import { Problem } from '../../contracts/error-codes.ts'
import { isTerminal } from '../../contracts/lifecycle.ts'
import type { JobState } from './job.ts'

/** @throws Problem NOT_FOUND if the job has not finished this epoch: nothing of it is there yet, or ever will be */
export const requireEpoch = (id: string, { status, epoch: finished, epochs }: JobState, asked: number): void => {
  if (asked <= finished) return
  const message =
    asked > epochs
      ? `there is no epoch ${asked}: the job has ${epochs}`
      : isTerminal(status)
        ? `there is no epoch ${asked}: the job ended after ${finished} of ${epochs}`
        : `epoch ${asked} is not there yet: the job has finished ${finished} of ${epochs}`
  throw new Problem('NOT_FOUND', `Job ${id}: ${message}`, [{ path: '/epoch', code: 'no_such_epoch', message, value: asked }])
}
