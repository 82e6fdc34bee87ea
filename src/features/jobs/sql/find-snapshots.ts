/** Jobs as they are told to others: as lists show them, and without a config that is large all the same. */
import type { JobResource } from '../../../api/job.schema.ts'
import type { Job as JobRow } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { toJobResource } from '../job.ts'
import { toJob } from './job-row.ts'

/** A job that may lack its config, which `omitted` then says. */
export type JobSnapshot = Omit<JobResource, 'config'> & { config?: JobResource['config'] }

/** Characters of a config that is told. */
const longestConfig = 32_768

/** Those of the jobs that are there, whoever they belong to, by their id. Where they wait is not looked up. */
export const readJobSnapshots = async (client: DatabaseClient, ids: readonly string[]): Promise<Map<string, JobSnapshot>> => {
  const rows = await client.$queryRaw<SnapshotRow[]>`
    select id, tenant, status, case when octet_length(told.config::text) <= ${longestConfig}::int then told.config end as config,
      summary->'omitted' as omitted, "datasetId", metadata, engine, epoch, epochs, fraction, "latestLoss", result, "errorCode", "errorMessage",
      seconds, "restartCount", restarts, revision, "createdAt", "queuedAt", "startedAt", "finishedAt"
    from "Job" job cross join lateral (select coalesce(job.summary->'config', job.config) - 'webhook' as config) as told
    where id = any(${[...ids]})`
  return new Map(rows.map((row) => [row.id, toSnapshot(row)]))
}

type SnapshotRow = Omit<JobRow, 'config'> & { config: JobRow['config'] | null; omitted: string[] | null }

const toSnapshot = ({ config, omitted, ...row }: SnapshotRow): JobSnapshot => {
  const whole = toJob({ ...row, config: config ?? {} }, null)
  const { config: told, ...job } = toJobResource({ ...whole, omitted: config ? (omitted ?? []) : ['/config'] })
  return config ? { ...job, config: told } : job
}
