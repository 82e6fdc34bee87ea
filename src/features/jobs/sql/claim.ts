/** Takes the next job of the tenant whose turn it is: its highest priority, then what has waited longest. (docs/adr/0029) */
import { keptRestarts } from '../../../contracts/lifecycle.ts'
import { channels, jobSteps } from '../../../contracts/queue.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import type { ClaimedRow } from '../claim-encoding.ts'
import { leaseEnd, queuedStatus } from './held.ts'
import { firstInQueue, heldJobs, lineOfTenants, type QueueDevice } from './waiting-tenants.ts'

/** A checkpoint up to this size comes with the claim. */
const maxInlineBytes = 4 * 2 ** 20
/** Jobs of a tenant that others may be claiming at the same moment; beyond them it counts as having none. */
const claimedAtOnce = 100

/**
 * The claimed row with its datasets and its checkpoint; undefined if no job for one of these devices is runnable. `maxRunning`: jobs
 * of a tenant that may be in work, null if any number.
 */
export const claimJob = async (
  client: DatabaseClient,
  devices: readonly QueueDevice[],
  maxRunning: number | null,
): Promise<ClaimedRow | undefined> => {
  const rows = await client.$queryRaw<ClaimedRow[]>`
    with recursive ${lineOfTenants(maxRunning)}, candidate as (
      select next.id, line.tenant from (select tenant from line order by turn, used, tenant) as line cross join lateral (
        select job.id from (${firstInQueue(Prisma.sql`line.tenant`, devices, claimedAtOnce)}) as head join "Job" job on job.id = head.id
        where job.status = ${queuedStatus}
        order by head.rank, head."queuedAt", head.id limit 1 for update of job skip locked
      ) as next limit 1
    ), allowed as (${allowed(maxRunning)}), claimed as (
      update "Job" job set status = 'running', "leaseToken" = gen_random_uuid(), "leaseUntil" = ${leaseEnd},
        "startedAt" = coalesce(job."startedAt", now()), "lastSeq" = job."lastSeq" + 1,
        "lastPosition" = greatest(job."lastPosition", event_position()), ${restarted}, revision = job.revision + 1
      from candidate where job.id = candidate.id and exists (select from allowed)
      returning job.*
    ), first as (
      select not exists (select from "Event" event, claimed where event."jobId" = claimed.id and event.type = 'started') as time
    ), event as (
      insert into "Event" ("jobId", seq, type, data, tenant, position)
      select claimed.id, claimed."lastSeq", case when first.time then 'started' else 'resumed' end,
        case when first.time then '{}'::jsonb else jsonb_build_object('fromEpoch', coalesce(saved.epoch, 0)) end,
        claimed.tenant, claimed."lastPosition"
      from claimed cross join first left join "Checkpoint" saved on saved."jobId" = claimed.id
    )
    select claimed.id, claimed.tenant, claimed."leaseToken"::text as token, claimed.config, claimed."rowCounts", claimed.engine, claimed.epochs, claimed.seconds,
      ${described('dataset')} as dataset, case when held.id is not null then ${described('held')} end as "validationDataset",
      saved.epoch, saved.step, saved.memo as training, saved.layout, saved."blobId", octet_length(saved.values) as bytes,
      case when octet_length(saved.values) <= ${maxInlineBytes} then saved.values end as values, pg_notify(${channels.job}, claimed.id || ${` ${jobSteps.started}`}::text)::text as woken
    from claimed join "Dataset" dataset on dataset.id = claimed."datasetId"
      left join "Dataset" held on held.id = claimed."validationDatasetId" left join "Checkpoint" saved on saved."jobId" = claimed.id`
  return rows[0]
}

/** Keeps why and from where a job goes on, if it was let go before its end; of the times before, the last ones. */
const restarted = Prisma.sql`"releasedFor" = null, "restartCount" = job."restartCount" + (job."releasedFor" is not null)::int,
  restarts = case when job."releasedFor" is null then job.restarts else
    case when jsonb_array_length(job.restarts) < ${keptRestarts}::int then job.restarts else job.restarts - 0 end || jsonb_build_object(
      'at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'cause', job."releasedFor",
      'fromEpoch', coalesce((select epoch from "Checkpoint" where "jobId" = job.id), 0)) end`

/** Whether the tenant may have another job in work; whoever claims for it at the same moment waits here for the answer. */
const allowed = (maxRunning: number | null): Prisma.Sql =>
  maxRunning === null
    ? Prisma.sql`select`
    : Prisma.sql`
      select from "Tenant" known where known.name = (select tenant from candidate) and ${heldJobs('known')} < ${maxRunning}::int for update`

/** A row of "Dataset" by its alias, as a ClaimedDataset. */
const described = (alias: 'dataset' | 'held'): Prisma.Sql => {
  const row = Prisma.raw(alias)
  return Prisma.sql`jsonb_build_object('id', ${row}.id, 'kind', ${row}.kind, 'spec', ${row}.spec, 'columns', ${row}.columns,
    'rows', ${row}.rows, 'inputShape', coalesce(${row}."inputShape", '{}'))`
}
