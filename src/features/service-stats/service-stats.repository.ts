/** The state of the whole service as its rows tell it, across all tenants: numbers alone, and nobody's name. */
import { heldStatuses, type JobStatus, runnableStatus } from '../../contracts/lifecycle.ts'
import type { Database } from '../../platform/db/database-client.ts'

/** How many there are of what, at one moment. */
export type ServiceStats = {
  /** Jobs by status; a status without jobs may be missing. */
  jobs: { status: JobStatus; jobs: number }[]
  /** Seconds that the longest waiting job has been queued; 0 if none waits. */
  oldestQueuedSeconds: number
  /** Claims of workers: those that are kept up, and those that ran out and wait to be freed. */
  leases: { alive: number; expired: number }
  /** Inference requests that wait for a worker's answer. */
  inferenceWaiting: number
}

/** How long an inference request may count as waiting: nobody waits for an answer for longer, in seconds. */
const answerSeconds = 10

type JobsRow = { status: JobStatus; jobs: number; oldest: number | null; alive: number; expired: number }

export const createServiceStatsRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /** Counts everything. Statuses and ages come from an index alone; only held jobs are looked at one by one. */
  const count = async (): Promise<ServiceStats> => {
    const [jobs, requests] = await Promise.all([
      prisma.$queryRaw<JobsRow[]>`
        with counted as (
          select status, count(*)::int as jobs,
            case when status = ${runnableStatus} then greatest(extract(epoch from clock_timestamp() - min("queuedAt")), 0)::float8 end as oldest
          from "Job" group by status
        ), held as (
          select count(*) filter (where "leaseUntil" >= clock_timestamp())::int as alive,
            count(*) filter (where "leaseUntil" < clock_timestamp())::int as expired
          from "Job" where status = any(${heldStatuses})
        )
        select counted.*, held.* from counted cross join held`,
      prisma.$queryRaw<{ waiting: number }[]>`
        select count(*)::int as waiting from "Call"
        where response is null and "createdAt" > now() - ${answerSeconds} * interval '1 second'`,
    ])
    return {
      jobs: jobs.map(({ status, jobs: number }) => ({ status, jobs: number })),
      oldestQueuedSeconds: jobs.find(({ status }) => status === runnableStatus)?.oldest ?? 0,
      leases: { alive: jobs[0]?.alive ?? 0, expired: jobs[0]?.expired ?? 0 },
      inferenceWaiting: requests[0]?.waiting ?? 0,
    }
  }

  return { count }
}

export type ServiceStatsRepository = ReturnType<typeof createServiceStatsRepository>
