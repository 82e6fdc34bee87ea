/**
 * The worker's side of a job's row: claim it, keep it, write what training gave, let go of it. Every write checks
 * the claim's token in the statement that writes, so a worker that lost its lease can write nothing. Each of them
 * is one statement: atomic without a transaction of several round trips.
 */

import type { EngineDescription, EngineState } from '../../contracts/engine.ts'
import type { JobStatus } from '../../contracts/job-status.ts'
import { channels } from '../../contracts/queue.ts'
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import { decodeState, encodeEpochs, encodeState, encodeTensors, type StoredState } from './batch-encoding.ts'
import type { Batch, Claim, ClaimedDataset, Closing, HeldStatus } from './lease.ts'
import { leaseSeconds, mostCrashes } from './lease.ts'

type ClaimedRow = Omit<Claim, 'checkpoint' | 'jobId' | 'dataset' | 'engine'> & {
  id: string
  engine: EngineDescription | null
  dataset: ClaimedDataset
} & { [Column in keyof StoredState]: StoredState[Column] | null }

/** What a commit found: the status after it. Null: the lease is lost, and nothing was written. */
export type Committed = { status: JobStatus } | null

const lease = Prisma.sql`clock_timestamp() + ${leaseSeconds} * interval '1 second'`

/** A finite or non-finite double; as text, since JSON knows only the finite ones. */
const double = (value: number | null) => Prisma.sql`${value === null ? null : String(value)}::text::float8`

const none = { to: '', code: null, message: null, crashed: false, result: null, data: {} }
const describeClosing = (closing: Closing | null) => {
  if (!closing) return none
  switch (closing.to) {
    case 'succeeded':
      return { ...none, to: closing.to, result: JSON.stringify(closing.result), data: closing.result }
    case 'failed':
      return {
        ...none,
        to: closing.to,
        code: closing.code,
        message: closing.message,
        data: { code: closing.code, message: closing.message },
      }
    case 'queued':
      return { ...none, to: closing.to, crashed: closing.crashed, data: { reason: closing.reason } }
    default:
      return { ...none, to: closing.to }
  }
}

/** The worker's statements over one database. */
export const createLeaseRepository = ({ prisma }: { prisma: PrismaClient }) => {
  /**
   * Takes the fairest runnable job: highest priority, then the tenant with the fewest jobs in work, then the longest
   * in the queue. Null when none is runnable. `gpu`: whether jobs that ask for one can be trained here.
   */
  const claim = async ({ gpu }: { gpu: boolean }): Promise<Claim | null> => {
    const rows = await prisma.$queryRaw<ClaimedRow[]>`
      with busy as (
        select tenant, count(*) as jobs from "Job" where status in ('running', 'pausing', 'cancelling') group by tenant
      ), candidate as (
        select job.id from "Job" job left join busy on busy.tenant = job.tenant
        where job.status = 'queued' and (${gpu} or job.config->>'device' is distinct from 'gpu')
        order by job.priority desc, coalesce(busy.jobs, 0), job."queuedAt", job.id
        limit 1 for update of job skip locked
      ), claimed as (
        update "Job" job set status = 'running', "leaseToken" = gen_random_uuid(), "leaseUntil" = ${lease},
          "startedAt" = coalesce(job."startedAt", clock_timestamp()), "lastSeq" = job."lastSeq" + 1, revision = job.revision + 1
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
      select claimed.id, claimed.tenant, claimed."leaseToken"::text as token, claimed.config, claimed.engine, claimed.epochs, claimed.seconds,
        jsonb_build_object('id', dataset.id, 'kind', dataset.kind, 'spec', dataset.spec, 'columns', dataset.columns,
          'rows', dataset.rows, 'inputShape', dataset."inputShape") as dataset,
        saved.epoch, saved.step, saved.memo, saved.layout, saved.values, pg_notify(${channels.job}, claimed.id)::text as woken
      from claimed join "Dataset" dataset on dataset.id = claimed."datasetId" left join "Checkpoint" saved on saved."jobId" = claimed.id`
    const [row] = rows
    if (!row) return null
    const { id, epoch, step, memo, layout, values, tenant, token, config, dataset, engine, epochs, seconds } = row
    const checkpoint: EngineState | null =
      epoch === null || step === null || values === null ? null : decodeState({ epoch, step, memo, layout, values })
    return { jobId: id, tenant, token, config, dataset, engine, checkpoint, epochs, seconds }
  }

  /** Renews the lease. Returns the status, which says whether to cancel or pause; null when the lease is lost. */
  const heartbeat = async ({ jobId, token }: { jobId: string; token: string }): Promise<HeldStatus | null> => {
    const rows = await prisma.$queryRaw<{ status: HeldStatus }[]>`
      update "Job" set "leaseUntil" = ${lease}
      where id = ${jobId} and "leaseToken" = ${token}::uuid and status in ('running', 'pausing', 'cancelling')
      returning status`
    return rows[0]?.status ?? null
  }

  /** Writes a batch and, where it closes the job, ends the claim; both or nothing. Renews the lease. */
  const commit = async ({ jobId, token }: { jobId: string; token: string }, batch: Batch): Promise<Committed> => {
    const { epochs, state, fraction, engine, events } = batch
    const last = epochs.at(-1)
    const closing = describeClosing(batch.closing)
    const tensors = encodeTensors(epochs)
    const saved = state && encodeState(state)
    const rows = await prisma.$queryRaw<{ status: JobStatus }[]>`
      with held as (
        select id, status, crashes, "lastSeq" from "Job"
        where id = ${jobId} and "leaseToken" = ${token}::uuid and status in ('running', 'pausing', 'cancelling')
        for update
      ), outcome as (
        select held.*, ${closing.to} as wanted, case
          when ${closing.to} = 'queued' and status = 'running' and ${closing.crashed} and crashes + 1 >= ${mostCrashes} then 'failed'
          when ${closing.to} = 'queued' and status = 'running' then 'queued'
          when ${closing.to} in ('queued', 'paused') and status = 'cancelling' then 'cancelled'
          when ${closing.to} in ('queued', 'paused') and status = 'pausing' then 'paused'
          when ${closing.to} in ('', 'paused') then status
          else ${closing.to} end as next
        from held
      ), counted as (
        select outcome.*, (next <> status)::int as closed, jsonb_array_length(${JSON.stringify(events)}::jsonb) as added,
          next = 'failed' and wanted = 'queued' as crashed
        from outcome
      ), job as (
        update "Job" job set
          status = counted.next,
          engine = coalesce(${engine ? JSON.stringify(engine) : null}::jsonb, job.engine),
          epoch = coalesce(${last?.epoch ?? null}::int, job.epoch),
          "latestLoss" = coalesce(${double(last ? last.loss : null)}, job."latestLoss"),
          fraction = greatest(job.fraction, ${double(fraction)}),
          seconds = job.seconds + ${double(epochs.reduce((sum, report) => sum + report.seconds, 0))},
          crashes = case when ${saved !== null} then 0 else job.crashes end + ${closing.crashed}::int,
          result = coalesce(${closing.result}::jsonb, job.result),
          "errorCode" = case when counted.crashed then 'WORKER_CRASHED' else coalesce(${closing.code}, job."errorCode") end,
          "errorMessage" = case when counted.crashed then ${crashMessage} else coalesce(${closing.message}, job."errorMessage") end,
          "leaseToken" = case when counted.closed = 0 then job."leaseToken" end,
          "leaseUntil" = case when counted.closed = 0 then ${lease} end,
          "finishedAt" = case when counted.next in ('succeeded', 'failed', 'cancelled') then clock_timestamp() end,
          "lastSeq" = job."lastSeq" + counted.added + counted.closed,
          revision = job.revision + 1
        from counted where job.id = counted.id
        returning job.id, job.status
      ), epochs as (
        insert into "Epoch" ("jobId", epoch, loss, "batchLoss", "validationLoss", "learningRate", "gradientNorm", seconds, metrics)
        select held.id, row.* from held, jsonb_to_recordset(${encodeEpochs(epochs)}::jsonb) as row(epoch int, loss float8, "batchLoss" float8,
          "validationLoss" float8, "learningRate" float8, "gradientNorm" float8, seconds float8, metrics jsonb)
      ), tensors as (
        insert into "Tensor" ("jobId", kind, epoch, position, parameter, shape, norm, values)
        select held.id, row.kind, row.epoch, row.position, row.parameter, row.shape, row.norm,
          substring(${tensors.bytes}::bytea from row.at for row.length)
        from held, jsonb_to_recordset(${tensors.records}::jsonb) as row(kind text, epoch int, position int, parameter text, shape int[],
          norm float8, at int, length int)
      ), checkpoint as (
        insert into "Checkpoint" ("jobId", epoch, step, memo, layout, values)
        select held.id, ${saved?.epoch ?? 0}::int, ${saved?.step ?? 0}::int, ${saved?.memo ?? null}::jsonb, ${saved?.layout ?? null}::jsonb,
          ${saved?.values ?? null}::bytea
        from held where ${saved !== null}
        on conflict ("jobId") do update set epoch = excluded.epoch, step = excluded.step, memo = excluded.memo, layout = excluded.layout,
          values = excluded.values, "createdAt" = clock_timestamp()
      ), events as (
        insert into "Event" ("jobId", seq, type, data)
        select counted.id, counted."lastSeq" + row.number, row.event->>'type', coalesce(row.event->'data', '{}'::jsonb)
        from counted, jsonb_array_elements(${JSON.stringify(events)}::jsonb) with ordinality as row(event, number)
        union all
        select id, "lastSeq" + added + 1, case when next = 'queued' then 'released' else next end,
          case when crashed then jsonb_build_object('code', 'WORKER_CRASHED', 'message', ${crashMessage}) else ${JSON.stringify(closing.data)}::jsonb end
        from counted where closed = 1
      )
      select job.status, pg_notify(${channels.job}, job.id)::text as woken from job`
    const [row] = rows
    return row ? { status: row.status } : null
  }

  return { claim, heartbeat, commit }
}

export type LeaseRepository = ReturnType<typeof createLeaseRepository>

const crashMessage = `The training process died ${mostCrashes} times without getting further.`
