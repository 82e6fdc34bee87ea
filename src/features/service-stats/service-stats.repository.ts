/** The state of the whole service as its rows tell it, across all tenants: numbers alone, and nobody's name. */
import { heldStatuses, type JobStatus, jobStatuses, runnableStatus } from '../../contracts/lifecycle.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'

/** How many there are of what, at one moment. */
export type ServiceStats = {
  /** Jobs by status. */
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

type JobsRow = Record<JobStatus, number> & { oldestQueuedSeconds: number | null; alive: number; expired: number }

const sums = Prisma.raw(jobStatuses.map((status) => `coalesce(sum(${status}), 0)::int as ${status}`).join(', '))
const statusIsHeld = `status in (${heldStatuses.map((status) => `'${status}'`).join(', ')})`

export const createServiceStatsRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /** Counts everything: of tenants, who are few, not of jobs. Only held jobs are looked at one by one. */
  const count = async (): Promise<ServiceStats> => {
    const [jobs, requests] = await Promise.all([
      prisma.$queryRaw<JobsRow[]>`
        with counted as (
          select ${sums} from "Tenant"
        ), oldest as (
          select greatest(extract(epoch from clock_timestamp() - min("queuedAt")), 0)::float8 as "oldestQueuedSeconds"
          from "JobIndex" where status = ${runnableStatus}
        ), held as (
          select count(*) filter (where "leaseUntil" >= clock_timestamp())::int as alive,
            count(*) filter (where "leaseUntil" < clock_timestamp())::int as expired
          from "Job" where id in (select id from "JobIndex" where ${Prisma.raw(statusIsHeld)}) and status = any(${heldStatuses})
        )
        select * from counted cross join oldest cross join held`,
      prisma.$queryRaw<{ waiting: number }[]>`
        select count(*)::int as waiting from "Call"
        where response is null and "createdAt" > now() - ${answerSeconds} * interval '1 second'`,
    ])
    const [row] = jobs
    return {
      jobs: jobStatuses.map((status) => ({ status, jobs: row?.[status] ?? 0 })),
      oldestQueuedSeconds: row?.oldestQueuedSeconds ?? 0,
      leases: { alive: row?.alive ?? 0, expired: row?.expired ?? 0 },
      inferenceWaiting: requests[0]?.waiting ?? 0,
    }
  }

  return { count }
}

export type ServiceStatsRepository = ReturnType<typeof createServiceStatsRepository>
