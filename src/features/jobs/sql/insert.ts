/** Queues a job: its row and all that comes with it. */
import { randomUUID } from 'node:crypto'
import type { NewEvent } from '../../../api/event.schema.ts'
import type { JobWebhook } from '../../../api/job-config/webhook.schema.ts'
import { toJsonText } from '../../../api/write-json.ts'
import type { EngineState } from '../../../contracts/engine.ts'
import { runnableStatus } from '../../../contracts/lifecycle.ts'
import { channels } from '../../../contracts/queue.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { summaryOf } from '../../abridged.ts'
import { type NewDataset, summarize } from '../../datasets/dataset.ts'
import { blobChunkBytes } from '../blob.repository.ts'
import { chunksOf, encodeState, layoutOf, stateBytes } from '../checkpoint-encoding.ts'
import type { NewJob } from '../job.ts'
import { countingQueued, queueFull } from './count-queued.ts'
import { type ShownColumns, type ShownRow, shownColumns, toShownRow } from './find-shown.ts'

/**
 * Queues a job with its first event in one statement; `dataset` is stored with it if it is new. With `maxQueued` it counts the job as
 * queued, too; without it the caller does, once it has queued all. Gives the job as it is shown. @throws Problem QUEUE_FULL
 */
export const insertJob = async (
  client: DatabaseClient,
  { id, tenant, config, datasetId, checkpoint, sweep, rowCounts }: NewJob,
  dataset: NewDataset | null,
  maxQueued?: number,
): Promise<ShownRow> => {
  const columns = dataset ? [{ ...dataset, summary: summarize(dataset) ?? undefined }] : []
  const { blobId, state } = encodeStart(checkpoint)
  const summary = summaryOf({ config })
  const event: NewEvent = { type: 'queued', data: config.device === 'gpu' ? { waitsFor: 'gpu' } : {} }
  const [stored] = await client.$queryRaw<ShownColumns[]>`
    with counted as (${countIn(tenant, maxQueued)}), dataset as (
      insert into "Dataset" (id, tenant, kind, spec, columns, summary, rows, "inputShape", "contentHash", implicit)
      select id, tenant, kind, spec, columns, summary, rows, array[]::int[], "contentHash", true
      from jsonb_to_recordset(${JSON.stringify(columns)}::jsonb)
        as row(id text, tenant text, kind text, spec jsonb, columns jsonb, summary jsonb, rows int, "contentHash" text)
      where exists (select from counted)
    ), event as (
      insert into "Event" ("jobId", seq, type, data, tenant, position)
      select ${id}, 1, ${event.type}, ${JSON.stringify(event.data)}::jsonb, ${tenant}, event_position() where exists (select from counted)
    ), checkpoint as (
      insert into "Checkpoint" ("jobId", epoch, step, memo, layout, values, "blobId")
      select ${id}, 0, 0, ${JSON.stringify(state?.training ?? {})}::jsonb, ${JSON.stringify(state?.layout ?? [])}::jsonb, ${state?.values ?? null}::bytea,
        ${blobId}::uuid
      where ${state !== undefined} and exists (select from counted)
    )${config.webhook ? insertingWebhook(id, tenant, config.webhook) : Prisma.empty}
    insert into "Job" (id, tenant, status, config, summary, "datasetId", "validationDatasetId", metadata, priority, epochs, "lastSeq", "lastPosition", "sweepId", "sweepPosition", "sweepPoint", "rowCounts", device)
    select ${id}, ${tenant}, ${runnableStatus}, ${await toJsonText(config)}::jsonb, ${jsonOrNull(summary)}::jsonb, ${datasetId}, ${config.training.validationDataset?.id ?? null},
      ${JSON.stringify(config.metadata)}::jsonb, ${config.priority},
      ${config.training.epochs}, 1, event_position(), ${sweep?.id ?? null}, ${sweep?.position ?? null}::int, ${jsonOrNull(sweep?.point)}::jsonb,
      ${jsonOrNull(rowCounts)}::jsonb, ${config.device} where exists (select from counted)
    returning ${shownColumns}`
  if (!stored) throw queueFull(maxQueued ?? 0)
  if (blobId && checkpoint) await insertChunks(client, id, blobId, checkpoint)
  return toShownRow(stored)
}

/** The webhook of a job's own, told from the job's first event on. */
const insertingWebhook = (jobId: string, tenant: string, { url, events }: JobWebhook): Prisma.Sql => Prisma.sql`, webhook as (
      insert into "Webhook" (id, tenant, "jobId", url, events, since)
      select ${jobId.replace('job_', 'whk_')}, ${tenant}, ${jobId}, ${url}, ${events}::text[], event_position() where exists (select from counted)
      returning pg_notify(${channels.webhook}, id)::text
    )`

const countIn = (tenant: string, maxQueued: number | undefined): Prisma.Sql =>
  maxQueued === undefined ? Prisma.sql`select` : countingQueued(tenant, 1, maxQueued)

const jsonOrNull = (value: object | null | undefined): string | null => (value ? JSON.stringify(value) : null)

/** The checkpoint that a job starts from, if there is one: as its row, and the blob of values that are too many for a row. */
const encodeStart = (checkpoint: EngineState | undefined) => {
  if (!checkpoint) return { blobId: null, state: undefined }
  if (stateBytes(checkpoint) <= blobChunkBytes) return { blobId: null, state: encodeState(checkpoint) }
  return { blobId: randomUUID(), state: { training: checkpoint.training, layout: layoutOf(checkpoint), values: new Uint8Array(0) } }
}

/** The values of the checkpoint that a job starts from, if they are too many for one statement. */
const insertChunks = async (client: DatabaseClient, jobId: string, blobId: string, checkpoint: EngineState): Promise<void> => {
  await client.$executeRaw`
    insert into "Blob" (id, "jobId", token, kept, "pieceBytes") values (${blobId}::uuid, ${jobId}, gen_random_uuid(), true, ${blobChunkBytes}::int)`
  let index = 0
  for (const bytes of chunksOf(checkpoint, blobChunkBytes)) {
    await client.$executeRaw`insert into "BlobPiece" ("blobId", index, bytes) values (${blobId}::uuid, ${index}::int, ${bytes}::bytea)`
    index += 1
  }
}
