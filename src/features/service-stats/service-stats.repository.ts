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
  /** Predictions for datasets: those that have not ended by status, and those that ended by how, ever. */
  predictions: { pending: Record<PendingPrediction, number>; ended: Record<EndedPrediction, number> }
  /** Inference requests that wait for a worker's answer. */
  inferenceWaiting: number
}

type PendingPrediction = 'queued' | 'running'
type EndedPrediction = 'succeeded' | 'failed' | 'cancelled'

/** How long an inference request may count as waiting: nobody waits for an answer for longer, in seconds. */
const answerSeconds = 10

type PredictionsRow = Record<PendingPrediction | EndedPrediction, number>
type JobsRow = Record<JobStatus, number> & { oldestQueuedSeconds: number | null; alive: number; expired: number }

const sums = Prisma.raw(jobStatuses.map((status) => `coalesce(sum(${status}), 0)::int as ${status}`).join(', '))
const statusIsHeld = `status in (${heldStatuses.map((status) => `'${status}'`).join(', ')})`

export const createServiceStatsRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /** Counts everything: of tenants, who are few, not of jobs. Only held jobs, and predictions that have not ended, are looked at one by one. */
  const count = async (): Promise<ServiceStats> => {
    const [jobs, predictions, requests] = await Promise.all([
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
      prisma.$queryRaw<PredictionsRow[]>`
        select pending.*, ended.* from (
          select count(*) filter (where status = 'queued')::int as queued, count(*) filter (where status = 'running')::int as running
          from "Prediction" where status in ('queued', 'running') and tenant <> ''
        ) as pending cross join (
          select coalesce(sum("predictionsSucceeded"), 0)::float8 as succeeded, coalesce(sum("predictionsFailed"), 0)::float8 as failed,
            coalesce(sum("predictionsCancelled"), 0)::float8 as cancelled from "Tenant"
        ) as ended`,
      prisma.$queryRaw<{ waiting: number }[]>`
        select count(*)::int as waiting from "Call"
        where response is null and "createdAt" > now() - ${answerSeconds} * interval '1 second'`,
    ])
    const [row] = jobs
    const { queued = 0, running = 0, succeeded = 0, failed = 0, cancelled = 0 } = predictions[0] ?? {}
    return {
      jobs: jobStatuses.map((status) => ({ status, jobs: row?.[status] ?? 0 })),
      oldestQueuedSeconds: row?.oldestQueuedSeconds ?? 0,
      leases: { alive: row?.alive ?? 0, expired: row?.expired ?? 0 },
      predictions: { pending: { queued, running }, ended: { succeeded, failed, cancelled } },
      inferenceWaiting: requests[0]?.waiting ?? 0,
    }
  }

  return { count }
}

export type ServiceStatsRepository = ReturnType<typeof createServiceStatsRepository>
