import type { DatabaseClient } from '../../../platform/db/database-client.ts'

/** Predictions that are told of at most for a job. */
const maxNamed = 20

/** Predictions for datasets that workers have yet to make with the weights of these jobs, some of them. */
export const findPendingPredictions = (client: DatabaseClient, jobIds: readonly string[]): Promise<{ id: string; jobId: string }[]> =>
  client.$queryRaw<{ id: string; jobId: string }[]>`
    select id, "jobId" from "Prediction" where "jobId" = any(${jobIds}) and status in ('queued', 'running') and tenant <> '' order by id limit ${maxNamed}`
