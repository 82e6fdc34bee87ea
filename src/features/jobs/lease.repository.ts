/**
 * The worker's side of a job's row: claim it, keep it, write what training gave, let go of it. Every write checks
 * the claim's token in the statement that writes, so a worker that lost its lease can write nothing. Each of them
 * is one statement: atomic without a transaction of several round trips.
 */

import { sizeOf } from '../../catalog/layers/layer.ts'
import type { EngineDescription } from '../../contracts/engine.ts'
import type { JobStatus } from '../../contracts/job-status.ts'
import { channels } from '../../contracts/queue.ts'
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import { decodeState, encodeBatch, type StoredState } from './batch-encoding.ts'
import { epochNames, epochRecord } from './epoch-sql.repository.ts'
import type { Batch, Claim, HeldStatus, StoredCheckpoint } from './lease.ts'
import { leaseSeconds, maxCrashes } from './lease.ts'

type ClaimedRow = Omit<Claim, 'checkpoint' | 'jobId' | 'engine'> & {
  id: string
  engine: EngineDescription | null
} & { [Column in keyof StoredState]: StoredState[Column] | null } & { bytes: number | null; blobId: string | null }

/** What a commit found: the status after it. Null: the lease was lost before, and nothing was written. */
export type Committed = { status: JobStatus } | null

const lease = Prisma.sql`clock_timestamp() + ${leaseSeconds} * interval '1 second'`

/** A row of "Dataset" by its alias, as a ClaimedDataset. */
const described = (alias: 'dataset' | 'held'): Prisma.Sql => {
  const row = Prisma.raw(alias)
  return Prisma.sql`jsonb_build_object('id', ${row}.id, 'kind', ${row}.kind, 'spec', ${row}.spec, 'columns', ${row}.columns,
    'rows', ${row}.rows, 'inputShape', coalesce(${row}."inputShape", '{}'))`
}

/** The worker's statements over one database. */
export const createLeaseRepository = ({ prisma }: { prisma: PrismaClient }) => {
  /**
   * Takes the fairest runnable job: highest priority, then the tenant with the fewest jobs in work, then the longest
   * in the queue. Null when none is runnable. `gpu`: what it would be trained on, which jobs for the other device are not
   * taken for; `any: false` also leaves those that run on either.
   */
  const claim = async ({ gpu, any = true }: { gpu: boolean; any?: boolean }): Promise<Claim | null> => {
    const devices = [gpu ? 'gpu' : 'cpu', ...(any ? ['any'] : [])]
    const rows = await prisma.$queryRaw<ClaimedRow[]>`
      with busy as (
        select tenant, count(*) as jobs from "Job" where status in ('running', 'pausing', 'cancelling') group by tenant
      ), candidate as (
        select job.id from "Job" job left join busy on busy.tenant = job.tenant
        where job.status = 'queued' and coalesce(job.config->>'device', 'any') = any(${devices})
        order by job.priority desc, coalesce(busy.jobs, 0), job."queuedAt", job.id
        limit 1 for update of job skip locked
      ), claimed as (
        update "Job" job set status = 'running', "leaseToken" = gen_random_uuid(), "leaseUntil" = ${lease},
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
      select claimed.id, claimed.tenant, claimed."leaseToken"::text as token, claimed.config, claimed.engine, claimed.epochs, claimed.seconds,
        ${described('dataset')} as dataset, case when held.id is not null then ${described('held')} end as "validationDataset",
        saved.epoch, saved.step, saved.memo, saved.layout, saved."blobId", octet_length(saved.values) as bytes,
        case when octet_length(saved.values) <= ${maxInlineBytes} then saved.values end as values, pg_notify(${channels.job}, claimed.id)::text as woken
      from claimed join "Dataset" dataset on dataset.id = claimed."datasetId"
        left join "Dataset" held on held.id = claimed."validationDatasetId" left join "Checkpoint" saved on saved."jobId" = claimed.id`
    const [row] = rows
    if (!row) return null
    const { id, tenant, token, config, dataset, validationDataset, engine, epochs, seconds } = row
    const checkpoint = checkpointOf(row)
    return { jobId: id, tenant, token, config, dataset, validationDataset, engine, checkpoint, epochs, seconds }
  }

  /** Renews the lease. Returns the status, which says whether to cancel or pause; null when the lease is lost. */
  const heartbeat = async ({ jobId, token }: { jobId: string; token: string }): Promise<HeldStatus | null> => {
    const rows = await prisma.$queryRaw<{ status: HeldStatus }[]>`
      update "Job" set "leaseUntil" = ${lease}
      where id = ${jobId} and "leaseToken" = ${token}::uuid and status in ('running', 'pausing', 'cancelling')
      returning status`
    return rows[0]?.status ?? null
  }

  /**
   * Writes a batch and, where it closes the job, ends the claim; both or nothing. Renews the lease. A batch that was written
   * already, and whose answer was lost, is not written again: the answer is the same.
   */
  const commit = async (claim: { jobId: string; token: string }, batch: Batch): Promise<Committed> =>
    // A statement of its own, begun after the one that waited for an earlier attempt to end.
    (await writeBatch(claim, batch)) ?? (await findWritten(claim, batch))

  const findWritten = async ({ jobId, token }: { jobId: string; token: string }, { id }: Batch): Promise<Committed> => {
    const rows = await prisma.$queryRaw<{ status: JobStatus }[]>`
      select "batchStatus" as status from "Job" where id = ${jobId} and "batchId" = ${id}::uuid
        and ("batchStatus" not in ('running', 'pausing', 'cancelling') or "leaseToken" = ${token}::uuid)`
    return rows[0] ?? null
  }

  const writeBatch = async ({ jobId, token }: { jobId: string; token: string }, batch: Batch): Promise<Committed> => {
    const { json, tensorBytes, stateBytes } = encodeBatch(batch)
    const rows = await prisma.$queryRaw<{ status: JobStatus }[]>`
      with input as (
        select * from jsonb_to_record(${json}::jsonb) as input(fraction float8, engine jsonb, epoch int, loss float8, seconds float8, epochs jsonb,
          tensors jsonb, replaced int, state jsonb, blobs jsonb, events jsonb, wanted text, crashed boolean, result jsonb, data jsonb)
      ), held as (
        select id, status, crashes, "lastSeq" from "Job"
        where id = ${jobId} and "leaseToken" = ${token}::uuid and status in ('running', 'pausing', 'cancelling')
          and "batchId" is distinct from ${batch.id}::uuid
        for update
      ), outcome as (
        select held.*, jsonb_array_length(input.events) as added, case
          when wanted = 'queued' and status = 'running' and crashed and crashes + 1 >= ${maxCrashes} then 'failed'
          when wanted = 'queued' and status = 'running' then 'queued'
          when wanted in ('queued', 'paused') and status = 'cancelling' then 'cancelled'
          when wanted in ('queued', 'paused') and status = 'pausing' then 'paused'
          when wanted is null or wanted = 'paused' then status
          else wanted end as next
        from held, input
      ), closing as (
        select outcome.*, (next <> status)::int as closed, case
          when next = 'failed' and wanted = 'queued' then jsonb_build_object('code', 'WORKER_CRASHED', 'message', ${crashMessage}::text)
          when next = wanted then coalesce(input.data, '{}'::jsonb)
          else '{}'::jsonb end as data
        from outcome, input
      ), job as (
        update "Job" job set
          status = closing.next,
          engine = coalesce(input.engine, job.engine),
          epoch = coalesce(input.epoch, job.epoch),
          "latestLoss" = coalesce(input.loss, job."latestLoss"),
          fraction = greatest(job.fraction, input.fraction),
          seconds = job.seconds + input.seconds,
          crashes = case when input.state is null then job.crashes else 0 end + coalesce(input.crashed, false)::int,
          result = coalesce(input.result, job.result),
          "errorCode" = case when closing.next = 'failed' then closing.data->>'code' end,
          "errorMessage" = case when closing.next = 'failed' then closing.data->>'message' end,
          "leaseToken" = case when closing.closed = 0 then job."leaseToken" end,
          "leaseUntil" = case when closing.closed = 0 then ${lease} end,
          "finishedAt" = case when closing.next in ('succeeded', 'failed', 'cancelled') then now() end,
          "lastSeq" = job."lastSeq" + closing.added + closing.closed,
          "batchId" = ${batch.id}::uuid,
          "batchStatus" = closing.next,
          revision = job.revision + 1
        from closing, input where job.id = closing.id
        returning job.id, job.status
      ), epochs as (
        insert into "Epoch" ("jobId", ${epochNames})
        select held.id, row.* from held, input, jsonb_to_recordset(input.epochs) as row(${epochRecord})
      ), tensors as (
        insert into "Tensor" ("jobId", kind, epoch, position, parameter, shape, norm, values, "blobId", "blobOffset")
        select held.id, row.kind, row.epoch, row.position, row.parameter, row.shape, row.norm,
          substring(${tensorBytes}::bytea from row.at for row.length), row.blob, row."offset"
        from held, input, jsonb_to_recordset(input.tensors) as row(kind text, epoch int, position int, parameter text, shape int[],
          norm float8, at int, length int, blob uuid, "offset" bigint)
        on conflict ("jobId", kind, epoch, position) do update set norm = excluded.norm, values = excluded.values,
          "blobId" = excluded."blobId", "blobOffset" = excluded."blobOffset"
      ), outdated as (
        delete from "Tensor" tensor using held, input
        where tensor."jobId" = held.id and tensor.kind = 'weight' and tensor.epoch < input.replaced
      ), checkpoint as (
        insert into "Checkpoint" ("jobId", epoch, step, memo, layout, values, "blobId")
        select held.id, row.epoch, row.step, row.memo, row.layout, ${stateBytes}::bytea, row.blob
        from held, input, jsonb_to_record(input.state) as row(epoch int, step int, memo jsonb, layout jsonb, blob uuid)
        where input.state is not null
        on conflict ("jobId") do update set epoch = excluded.epoch, step = excluded.step, memo = excluded.memo, layout = excluded.layout,
          values = excluded.values, "blobId" = excluded."blobId", "createdAt" = now()
      ), kept as (
        update "Blob" blob set kept = true from held, input where blob."jobId" = held.id and input.blobs ? blob.id::text and not blob.kept
      ), events as (
        insert into "Event" ("jobId", seq, type, data)
        select closing.id, closing."lastSeq" + row.number, row.event->>'type', coalesce(row.event->'data', '{}'::jsonb)
        from closing, input, jsonb_array_elements(input.events) with ordinality as row(event, number)
        union all
        select id, "lastSeq" + added + 1, case next when 'queued' then 'released' else next end, data from closing where closed = 1
      )
      select job.status, pg_notify(${channels.job}, job.id)::text as woken from job`
    const [row] = rows
    return row ? { status: row.status } : null
  }

  /** The loss of a stored epoch. @throws where it is not there */
  const lossOf = async (jobId: string, epoch: number): Promise<number> => {
    const { loss } = await prisma.epoch.findUniqueOrThrow({ where: { jobId_epoch: { jobId, epoch } }, select: { loss: true } })
    return loss
  }

  return { claim, heartbeat, commit, lossOf }
}

export type LeaseRepository = ReturnType<typeof createLeaseRepository>

/** A checkpoint up to this size comes with the claim. */
const maxInlineBytes = 4 * 2 ** 20

const checkpointOf = ({ epoch, step, memo, layout, values, bytes, blobId }: ClaimedRow): Claim['checkpoint'] => {
  if (epoch === null || step === null) return null
  if (values && !blobId) return decodeState({ epoch, step, memo, layout, values })
  const tensors = layout as StoredCheckpoint['layout']
  const total = blobId ? 4 * tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0) : (bytes ?? 0)
  return { epoch, step, memo: memo as Record<string, unknown>, layout: tensors, bytes: total, blobId }
}

const crashMessage = `The training process died ${maxCrashes} times without getting further.`
