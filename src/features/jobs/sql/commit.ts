/**
 * Writes a batch and, if it closes the job, ends the claim: one statement, so that both happen or nothing does. The parts
 * of the batch come as one JSON record, `input`, and the values of tensors as bytes beside it. All parts read `held`, which
 * has no row if the lease is lost or if this very batch is written already.
 */
import { rankedMetrics } from '../../../api/curve.schema.ts'
import { type JobStatus, type RestartCause, runnableStatus, terminalStatuses } from '../../../contracts/lifecycle.ts'
import { channels, jobSteps } from '../../../contracts/queue.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { encodeBatch } from '../batch-encoding.ts'
import type { Batch } from '../lease.ts'
import { epochNames, epochRecord } from './epoch-columns.ts'
import { type Holder, isHeldBy, leaseEnd } from './held.ts'
import { crashError, eventOfRelease, statusAfterRelease } from './release.ts'

/** Gives the job's status then; undefined if nothing was written. */
export const commitBatch = async (client: DatabaseClient, holder: Holder, batch: Batch): Promise<JobStatus | undefined> => {
  const { json, tensorBytes, stateBytes } = encodeBatch(batch)
  const rows = await client.$queryRaw<{ status: JobStatus }[]>`
    with input as (${readInput(json)}), held as (${lock(holder, batch.id)}), outcome as (${decide}), closing as (${explain}),
      job as (${updateJob(batch.id)}), epochs as (${insertEpochs}), metrics as (${mergeMetrics}), tensors as (${insertTensors(tensorBytes)}), outdated as (${deleteOutdated}),
      checkpoint as (${saveCheckpoint(stateBytes)}), kept as (${keepBlobs}), events as (${insertEvents})
    select job.status, pg_notify(${channels.job}, job.id || case when closing.closed = 0 and ${isProgress(batch)}::boolean then ${` ${jobSteps.progress}`}::text else '' end)::text as woken
    from job join closing on closing.id = job.id`
  return rows[0]?.status
}

/** Whether the batch tells of finished epochs and nothing else; what the client asked for meanwhile is another matter. */
const isProgress = ({ engine, closing, events }: Batch): boolean =>
  engine === null && closing === null && events.every(({ type }) => type === 'epoch')

const readInput = (json: string): Prisma.Sql => Prisma.sql`
  select * from jsonb_to_record(${json}::jsonb) as input(fraction float8, engine jsonb, epoch int, loss float8, seconds float8, epochs jsonb, metrics jsonb,
    tensors jsonb, replaced int, best int, every int, state jsonb, blobs jsonb, events jsonb, wanted text, crashed boolean, result jsonb, data jsonb)`

const lock = (holder: Holder, batchId: string): Prisma.Sql => Prisma.sql`
  select id, tenant, status, crashes, "lastSeq", greatest("lastPosition", event_position()) as position from "Job" where ${isHeldBy(holder)} and "batchId" is distinct from ${batchId}::uuid
  for update`

/** The status that the job goes to. */
const decide = Prisma.sql`
  select held.*, jsonb_array_length(input.events) as added,
    ${statusAfterRelease({ wanted: Prisma.sql`wanted`, crashed: Prisma.sql`crashed` })} as next
  from held, input`

/** Whether it is let go by that, and what the event says of it. */
const explain = Prisma.sql`
  select outcome.*, (next <> status)::int as closed, case
    when next = 'failed' and crashed then ${JSON.stringify(crashError('The training process'))}::jsonb
    when next = wanted then coalesce(input.data, '{}'::jsonb)
    else '{}'::jsonb end as data
  from outcome, input`

const causes = { crashed: 'processCrashed', stopped: 'workerStopped' } as const satisfies Record<string, RestartCause>
const causeOfRelease = Prisma.sql`case when input.crashed then ${causes.crashed} else ${causes.stopped} end`

const updateJob = (batchId: string): Prisma.Sql => Prisma.sql`
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
    "leaseUntil" = case when closing.closed = 0 then ${leaseEnd} end,
    "finishedAt" = case when closing.next = any(${terminalStatuses}) then now() end,
    "lastSeq" = job."lastSeq" + closing.added + closing.closed,
    "lastPosition" = case when closing.added + closing.closed > 0 then closing.position else job."lastPosition" end,
    "releasedFor" = case when closing.closed = 1 and closing.next = ${runnableStatus} then ${causeOfRelease} end,
    "batchId" = ${batchId}::uuid,
    "batchStatus" = closing.next,
    revision = job.revision + 1
  from closing, input where job.id = closing.id
  returning job.id, job.status`

const insertEpochs = Prisma.sql`
  insert into "Epoch" ("jobId", ${epochNames})
  select held.id, row.* from held, input, jsonb_to_recordset(input.epochs) as row(${epochRecord})`

/** Whether more is better, the metrics being text of the statement. */
const higherIsBetter = [...rankedMetrics].flatMap(([metric, better]) => (better === 'higher' ? [`'${metric}'`] : [])).join(', ')
const isHigherBetter = Prisma.raw(`excluded.metric in (${higherIsBetter})`)

/** The order of jobs by a metric: the best and the worst value so far, and the last one. */
const mergeMetrics = Prisma.sql`
  insert into "JobMetric" as known ("jobId", metric, tenant, best, worst, last)
  select held.id, row.metric, held.tenant, row.best, row.worst, row.last
  from held, input, jsonb_to_recordset(input.metrics) as row(metric text, best float8, worst float8, last float8)
  on conflict ("jobId", metric) do update set last = excluded.last,
    best = case when ${isHigherBetter} then greatest(known.best, excluded.best) else least(known.best, excluded.best) end,
    worst = case when ${isHigherBetter} then least(known.worst, excluded.worst) else greatest(known.worst, excluded.worst) end`

const insertTensors = (bytes: Uint8Array<ArrayBuffer>): Prisma.Sql => Prisma.sql`
  insert into "Tensor" ("jobId", kind, epoch, position, parameter, shape, norm, values, "blobId", "blobOffset")
  select held.id, row.kind, row.epoch, row.position, row.parameter, row.shape, row.norm,
    substring(${bytes}::bytea from row.at for row.length), row.blob, row."offset"
  from held, input, jsonb_to_recordset(input.tensors) as row(kind text, epoch int, position int, parameter text, shape int[],
    norm float8, at int, length int, blob uuid, "offset" bigint)
  on conflict ("jobId", kind, epoch, position) do update set norm = excluded.norm, values = excluded.values,
    "blobId" = excluded."blobId", "blobOffset" = excluded."blobOffset"`

/** Weights before those that replace them. */
const deleteOutdated = Prisma.sql`
  delete from "Tensor" tensor using held, input
  where tensor."jobId" = held.id and tensor.kind = 'weight' and tensor.epoch < input.replaced
    and tensor.epoch is distinct from input.best and (input.every is null or tensor.epoch % input.every <> 0)`

const saveCheckpoint = (bytes: Uint8Array<ArrayBuffer>): Prisma.Sql => Prisma.sql`
  insert into "Checkpoint" ("jobId", epoch, step, memo, layout, values, "blobId")
  select held.id, row.epoch, row.step, row.training, row.layout, ${bytes}::bytea, row.blob
  from held, input, jsonb_to_record(input.state) as row(epoch int, step int, training jsonb, layout jsonb, blob uuid)
  where input.state is not null
  on conflict ("jobId") do update set epoch = excluded.epoch, step = excluded.step, memo = excluded.memo, layout = excluded.layout,
    values = excluded.values, "blobId" = excluded."blobId", "createdAt" = now()`

/** Values that the batch refers to stay. */
const keepBlobs = Prisma.sql`
  update "Blob" blob set kept = true from held, input where blob."jobId" = held.id and input.blobs ? blob.id::text and not blob.kept`

const insertEvents = Prisma.sql`
  insert into "Event" ("jobId", seq, type, data, tenant, position)
  select closing.id, closing."lastSeq" + row.number, row.event->>'type', coalesce(row.event->'data', '{}'::jsonb), closing.tenant, closing.position
  from closing, input, jsonb_array_elements(input.events) with ordinality as row(event, number)
  union all
  select id, "lastSeq" + added + 1, ${eventOfRelease(Prisma.sql`next`)}, data, tenant, position from closing where closed = 1`
