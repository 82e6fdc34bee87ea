/** Takes the fairest runnable job: highest priority, then the tenant with the fewest jobs in work, then the longest in the queue. */
import { runnableStatus } from '../../../contracts/lifecycle.ts'
import { channels } from '../../../contracts/queue.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import type { ClaimedRow } from '../claim-encoding.ts'
import { isHeld, leaseEnd } from './held.ts'

/** A checkpoint up to this size comes with the claim. */
const maxInlineBytes = 4 * 2 ** 20

/** The claimed row with its datasets and its checkpoint; undefined if no job for one of these devices is runnable. */
export const claimJob = async (client: DatabaseClient, devices: readonly string[]): Promise<ClaimedRow | undefined> => {
  const rows = await client.$queryRaw<ClaimedRow[]>`
    with busy as (
      select tenant, count(*) as jobs from "Job" where ${isHeld} group by tenant
    ), candidate as (
      select job.id from "Job" job left join busy on busy.tenant = job.tenant
      where job.status = ${runnableStatus} and coalesce(job.config->>'device', 'any') = any(${devices})
      order by job.priority desc, coalesce(busy.jobs, 0), job."queuedAt", job.id
      limit 1 for update of job skip locked
    ), claimed as (
      update "Job" job set status = 'running', "leaseToken" = gen_random_uuid(), "leaseUntil" = ${leaseEnd},
        "startedAt" = coalesce(job."startedAt", now()), "lastSeq" = job."lastSeq" + 1, revision = job.revision + 1
      from candidate where job.id = candidate.id
      returning job.*
    ), first as (
      select not exists (select from "Event" event, claimed where event."jobId" = claimed.id and event.type = 'started') as time
    ), event as (
      insert into "Event" ("jobId", seq, type, data)
      select claimed.id, claimed."lastSeq", case when first.time then 'started' else 'resumed' end,
        case when first.time then '{}'::jsonb else jsonb_build_object('fromEpoch', coalesce(saved.epoch, 0)) end
      from claimed cross join first left join "Checkpoint" saved on saved."jobId" = claimed.id
    )
    select claimed.id, claimed.tenant, claimed."leaseToken"::text as token, claimed.config, claimed."rowCounts", claimed.engine, claimed.epochs, claimed.seconds,
      ${described('dataset')} as dataset, case when held.id is not null then ${described('held')} end as "validationDataset",
      saved.epoch, saved.step, saved.memo as training, saved.layout, saved."blobId", octet_length(saved.values) as bytes,
      case when octet_length(saved.values) <= ${maxInlineBytes} then saved.values end as values, pg_notify(${channels.job}, claimed.id)::text as woken
    from claimed join "Dataset" dataset on dataset.id = claimed."datasetId"
      left join "Dataset" held on held.id = claimed."validationDatasetId" left join "Checkpoint" saved on saved."jobId" = claimed.id`
  return rows[0]
}

/** A row of "Dataset" by its alias, as a ClaimedDataset. */
const described = (alias: 'dataset' | 'held'): Prisma.Sql => {
  const row = Prisma.raw(alias)
  return Prisma.sql`jsonb_build_object('id', ${row}.id, 'kind', ${row}.kind, 'spec', ${row}.spec, 'columns', ${row}.columns,
    'rows', ${row}.rows, 'inputShape', coalesce(${row}."inputShape", '{}'))`
}
