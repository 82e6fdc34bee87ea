/** From a job's row to the job. */
import type { JobStatus } from '../../../contracts/lifecycle.ts'
import type { Job as JobRow } from '../../../generated/prisma/client.ts'
import type { Job, QueuePlace } from '../job.ts'

/** The job of a row; `place` is not in it. */
export const toJob = (row: JobRow, place: QueuePlace | null): Job => ({
  ...toJobWithout(row, place),
  config: row.config as unknown as Job['config'],
})

/** All of it but its config. */
export const toJobWithout = (row: Omit<JobRow, 'config'>, place: QueuePlace | null): Omit<Job, 'config'> => ({
  id: row.id,
  tenant: row.tenant,
  status: row.status as JobStatus,
  datasetId: row.datasetId,
  metadata: row.metadata as Job['metadata'],
  engine: row.engine as Job['engine'],
  epoch: row.epoch,
  epochs: row.epochs,
  fraction: row.fraction,
  latestLoss: row.latestLoss,
  result: row.result as Job['result'],
  errorCode: row.errorCode as Job['errorCode'],
  errorMessage: row.errorMessage,
  seconds: row.seconds,
  restartCount: row.restartCount,
  restarts: row.restarts as Job['restarts'],
  revision: row.revision,
  createdAt: row.createdAt,
  queuedAt: row.queuedAt,
  startedAt: row.startedAt,
  finishedAt: row.finishedAt,
  place,
})
