import { type JobStatus, type RestartCause, runnableStatus, terminalStatuses } from '../../../contracts/lifecycle.ts'
import { channels } from '../../../contracts/queue.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { heldText, isHeld } from './held.ts'
import { crashError, eventOfRelease, statusAfterRelease } from './release.ts'

/** A job that was freed, and what became of it. */
export type FreedJob = { id: string; status: JobStatus }

const next = statusAfterRelease({ wanted: Prisma.sql`null`, crashed: Prisma.sql`true` })
const error = crashError('The worker')
const cause: RestartCause = 'workerLost'

/** Frees every job whose lease ran out, as if its worker had said that it crashed; those that somebody else frees are left to them. */
export const recoverJobs = (client: DatabaseClient): Promise<FreedJob[]> => client.$queryRaw<FreedJob[]>`
  with abandoned as (
    select id, tenant, ${next} as next from "Job"
    where id in (select id from "JobIndex" where ${Prisma.raw(heldText('status'))}) and ${isHeld} and "leaseUntil" < clock_timestamp()
    for update skip locked
  ), counted as materialized (
    -- Two that free jobs of the same tenants count them in the same order.
    select name from "Tenant" where name in (select tenant from abandoned) order by name for update
  ), freed as (
    update "Job" job set status = next, crashes = crashes + 1, "leaseToken" = null, "leaseUntil" = null,
      "errorCode" = case next when 'failed' then ${error.code} else "errorCode" end,
      "errorMessage" = case next when 'failed' then ${error.message} else "errorMessage" end,
      "finishedAt" = case when next = any(${terminalStatuses}) then now() end,
      "lastSeq" = "lastSeq" + 1, "lastPosition" = greatest("lastPosition", event_position()),
      "releasedFor" = case next when ${runnableStatus} then ${cause} end, revision = revision + 1
    from abandoned, (select count(*) from counted) as first where job.id = abandoned.id
    returning job.id, job.tenant, job.status, job."lastSeq", job."lastPosition"
  ), events as (
    insert into "Event" ("jobId", seq, type, data, tenant, position)
    select id, "lastSeq", ${eventOfRelease(Prisma.sql`status`)},
      case status when 'failed' then ${JSON.stringify(error)}::jsonb else '{"reason": "The worker that held the job is gone."}'::jsonb end, tenant, "lastPosition"
    from freed
  )
  select id, status, pg_notify(${channels.job}, id)::text as woken from freed`
