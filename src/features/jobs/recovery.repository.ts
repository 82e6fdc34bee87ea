/** Jobs whose worker is gone: their lease ran out, by the database's clock. */
import type { JobStatus } from '../../contracts/job-status.ts'
import { channels } from '../../contracts/queue.ts'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { maxCrashes } from './lease.ts'

/** A job that was freed, and what became of it. */
export type FreedJob = { id: string; status: JobStatus }

const crashMessage = `The worker died ${maxCrashes} times without getting further.`

/** The reconciler's statements over one database; several workers may run them at the same time. */
export const createRecoveryRepository = ({ prisma }: { prisma: PrismaClient }) => {
  /**
   * Frees every job whose lease ran out: it is queued again (or failed, the third time without a new checkpoint
   * in between), and one that was being cancelled or paused is cancelled or paused.
   */
  const freeAbandoned = (): Promise<FreedJob[]> => prisma.$queryRaw<FreedJob[]>`
    with abandoned as (
      select id, case status when 'cancelling' then 'cancelled' when 'pausing' then 'paused' else
        case when crashes + 1 >= ${maxCrashes} then 'failed' else 'queued' end end as next
      from "Job" where status in ('running', 'pausing', 'cancelling') and "leaseUntil" < clock_timestamp()
      for update skip locked
    ), freed as (
      update "Job" job set status = next, crashes = crashes + 1, "leaseToken" = null, "leaseUntil" = null,
        "errorCode" = case next when 'failed' then 'WORKER_CRASHED' else "errorCode" end,
        "errorMessage" = case next when 'failed' then ${crashMessage}::text else "errorMessage" end,
        "finishedAt" = case when next in ('failed', 'cancelled') then now() end,
        "lastSeq" = "lastSeq" + 1, revision = revision + 1
      from abandoned where job.id = abandoned.id
      returning job.id, job.status, job."lastSeq"
    ), events as (
      insert into "Event" ("jobId", seq, type, data)
      select id, "lastSeq", case status when 'queued' then 'released' else status end,
        case status when 'failed' then jsonb_build_object('code', 'WORKER_CRASHED', 'message', ${crashMessage}::text)
          else '{"reason": "The worker that held the job is gone."}'::jsonb end
      from freed
    )
    select id, status, pg_notify(${channels.job}, id)::text as woken from freed`

  /** Jobs that wait for a worker, the fairest first as far as priority and age go; at most `limit` ids. `gpu`: those that ask for one too. */
  const runnable = async ({ gpu, limit }: { gpu: boolean; limit: number }): Promise<string[]> => {
    const rows = await prisma.$queryRaw<{ id: string }[]>`
      select id from "Job" where status = 'queued' and (${gpu} or config->>'device' is distinct from 'gpu')
      order by priority desc, "queuedAt" limit ${limit}`
    return rows.map(({ id }) => id)
  }

  /** Deletes values that no checkpoint and no tensor refers to and that no worker is still writing; at most `limit` blobs. Says how many. */
  const sweepBlobs = (limit: number): Promise<number> => prisma.$executeRaw`
    delete from "Blob" where id in (
      select blob.id from "Blob" blob join "Job" job on job.id = blob."jobId"
      where not blob.kept and blob.token is distinct from job."leaseToken" limit ${limit} for update of blob skip locked)`

  return { freeAbandoned, runnable, sweepBlobs }
}

export type RecoveryRepository = ReturnType<typeof createRecoveryRepository>
