/** Jobs in PostgreSQL, the API's side: queue them, find them, tell their workers what the client wants. */
import { randomUUID } from 'node:crypto'
import type { PageRequest } from '../../api/page.schema.ts'
import { toJsonText } from '../../api/typed-json.ts'
import type { EngineState } from '../../contracts/engine.ts'
import type { JobStatus } from '../../contracts/job-status.ts'
import { channels } from '../../contracts/queue.ts'
import type { Job as JobRow, Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database.ts'
import { abridge } from '../abridged.ts'
import { type NewDataset, summarize } from '../datasets/dataset.ts'
import type { removeUnusedDatasets } from '../datasets/unused-datasets.repository.ts'
import type { OnStored } from '../on-stored.ts'
import { encodeState, layoutOf, piecesOf, stateBytes } from './batch-encoding.ts'
import { pieceBytes } from './blob.repository.ts'
import type { Job, NewJob, Standing } from './job.ts'
import { type JobFilter, readJobPage } from './job-list.repository.ts'
import { discardJob, hideJob } from './job-remains.repository.ts'

/** A move of the state machine, found by looking at the row under its lock. */
export type Move = { from: JobStatus; to: JobStatus | null; job: Job }

/** The API's statements; `tenant` goes into every one, so that nobody reaches another's rows. */
export const createJobRepository = ({ prisma, transaction, notify }: Database, removeUnused: typeof removeUnusedDatasets) => {
  /**
   * Queues a job with its first event, and stores the dataset that comes with it; all or nothing. Null where the
   * dataset that it refers to has been deleted meanwhile.
   */
  const insert = async (job: NewJob, dataset: NewDataset | null, onStored?: OnStored): Promise<Job | null> => {
    await onStored?.ready()
    // Values in pieces are several statements.
    const isLarge = job.checkpoint !== undefined && stateBytes(job.checkpoint) > pieceBytes
    if (dataset && !onStored && !isLarge) await insertJob(prisma, job, dataset)
    else if (!(await insertInTransaction(job, dataset, onStored))) return null
    return require(await find(job.tenant, job.id), job.id)
  }

  /** Holds the dataset while the job is stored: who deletes it either comes first or finds the job. */
  const insertInTransaction = (job: NewJob, dataset: NewDataset | null, onStored?: OnStored): Promise<boolean> =>
    transaction(async (tx) => {
      if (!dataset) {
        const held = await tx.$queryRaw<unknown[]>`select 1 from "Dataset" where id = ${job.datasetId} and "deletedAt" is null for share`
        if (held.length === 0) return false
      }
      await insertJob(tx, job, dataset)
      await onStored?.write(tx, job.id)
      return true
    })

  const find = async (tenant: string, id: string): Promise<Job | null> => {
    const row = await prisma.job.findFirst({ where: { id, tenant } })
    if (!row) return null
    return toJob(row, row.status === 'queued' ? ((await positions(tenant, [row.id])).get(row.id) ?? null) : null)
  }

  /** Where a job stands, without its config, which may be large; null where there is none. */
  const findStanding = async (tenant: string, id: string): Promise<Standing | null> => {
    const row = await prisma.job.findFirst({ where: { id, tenant }, select: { status: true, revision: true, epoch: true, epochs: true } })
    return row as Standing | null
  }

  /** A page of jobs, newest first; their configs lack long lists. */
  const list = async (tenant: string, filter: JobFilter, page: PageRequest): Promise<{ rows: Job[]; hasMore: boolean }> => {
    const { rows, hasMore } = await readJobPage({ prisma }, tenant, filter, page)
    const waiting = rows.filter((row) => row.status === 'queued').map((row) => row.id)
    const queued = await positions(tenant, waiting)
    return { rows: rows.map((row) => ({ ...toJob(row, queued.get(row.id) ?? null), omitted: row.omitted ?? [] })), hasMore }
  }

  /** Places of these jobs among the tenant's own that wait, by priority and age: those of others are nobody's business. */
  const positions = async (tenant: string, ids: string[]): Promise<Map<string, number>> => {
    if (ids.length === 0) return new Map()
    const rows = await prisma.$queryRaw<{ id: string; position: number }[]>`
      select id, position from (
        select id, row_number() over (order by priority desc, "queuedAt", id)::int as position
        from "Job" where status = 'queued' and tenant = ${tenant}
      ) as queue where id = any(${ids})`
    return new Map(rows.map(({ id, position }) => [id, position]))
  }

  /**
   * Moves a job to the status that `decide` names for the one it is in, with an event, and wakes who watches it.
   * The row is locked meanwhile, so the move is a compare-and-set. Null where there is no such job.
   */
  const move = async (
    tenant: string,
    id: string,
    decide: (status: JobStatus) => JobStatus | null,
    onStored?: OnStored,
  ): Promise<Move | null> => {
    await onStored?.ready()
    const moved = await transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ status: JobStatus }[]>`select status from "Job" where id = ${id} and tenant = ${tenant} for update`
      if (!row) return null
      const to = decide(row.status)
      if (to && to !== row.status) {
        await writeMove(tx, id, row.status, to)
        await notify(tx, channels.job, id)
      }
      if (to) await onStored?.write(tx, id)
      return { from: row.status, to }
    })
    return moved && { ...moved, job: require(await find(tenant, id), id) }
  }

  /** Moves every job of a sweep as `move` moves one, all or nothing. Gives the status that each was in, and where it went. */
  const moveSweep = async (
    tenant: string,
    sweepId: string,
    decide: (status: JobStatus) => JobStatus | null,
    onStored?: OnStored,
  ): Promise<Omit<Move, 'job'>[]> => {
    await onStored?.ready()
    return transaction(async (tx) => {
      const rows = await tx.$queryRaw<{ id: string; status: JobStatus }[]>`
        select id, status from "Job" where "sweepId" = ${sweepId} and tenant = ${tenant} order by id for update`
      const moves = rows.map(({ id, status }) => ({ id, from: status, to: decide(status) }))
      for (const { id, from, to } of moves) {
        if (!to || to === from) continue
        await writeMove(tx, id, from, to)
        await notify(tx, channels.job, id)
      }
      if (moves.some(({ to }) => to)) await onStored?.write(tx, sweepId)
      return moves
    })
  }

  /** Deletes a finished job with all that it left, and the datasets that it alone kept. */
  const remove = async (
    tenant: string,
    id: string,
    isRemovable: (status: JobStatus) => boolean,
  ): Promise<'removed' | 'missing' | JobStatus> => {
    const removal = await transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ status: JobStatus }[]>`select status from "Job" where id = ${id} and tenant = ${tenant} for update`
      if (!row) return 'missing'
      if (!isRemovable(row.status)) return row.status
      await hideJob(tx, id)
      return 'removed'
    })
    // It is gone for everybody; what it left follows piece by piece, and where that fails the housekeeping goes on.
    if (removal === 'removed') await discardJob({ prisma, transaction }, removeUnused, id).catch(() => {})
    return removal
  }

  return { insert, find, findStanding, list, move, moveSweep, remove }
}

export type JobRepository = ReturnType<typeof createJobRepository>

/** Queues a job with its first event in one statement; `dataset` is stored with it where it is new. */
export const insertJob = async (
  client: DatabaseClient,
  { id, tenant, config, datasetId, checkpoint, sweep }: NewJob,
  dataset: NewDataset | null,
): Promise<void> => {
  const columns = dataset ? [{ ...dataset, summary: summarize(dataset) ?? undefined }] : []
  const { blobId, state } = encodeStart(checkpoint)
  const summary = toSummary(config)
  const waits = config.device === 'gpu' ? { waitsFor: 'gpu' } : {}
  await client.$executeRaw`
    with dataset as (
      insert into "Dataset" (id, tenant, kind, spec, columns, summary, rows, "inputShape", "contentHash", implicit)
      select id, tenant, kind, spec, columns, summary, rows, array[]::int[], "contentHash", true
      from jsonb_to_recordset(${JSON.stringify(columns)}::jsonb)
        as row(id text, tenant text, kind text, spec jsonb, columns jsonb, summary jsonb, rows int, "contentHash" text)
    ), event as (
      insert into "Event" ("jobId", seq, type, data) values (${id}, 1, 'queued', ${JSON.stringify(waits)}::jsonb)
    ), checkpoint as (
      insert into "Checkpoint" ("jobId", epoch, step, memo, layout, values, "blobId")
      select ${id}, 0, 0, ${JSON.stringify(state?.memo ?? {})}::jsonb, ${JSON.stringify(state?.layout ?? [])}::jsonb, ${state?.values ?? null}::bytea,
        ${blobId}::uuid
      where ${state !== undefined}
    )
    insert into "Job" (id, tenant, status, config, summary, "datasetId", "validationDatasetId", metadata, priority, epochs, "lastSeq", "sweepId", "sweepPosition", "sweepPoint")
    values (${id}, ${tenant}, 'queued', ${await toJsonText(config)}::jsonb, ${summary && JSON.stringify(summary)}::jsonb, ${datasetId}, ${config.training.validationDataset?.id ?? null},
      ${JSON.stringify(config.metadata)}::jsonb, ${config.priority},
      ${config.training.epochs}, 1, ${sweep?.id ?? null}, ${sweep?.position ?? null}::int, ${sweep ? JSON.stringify(sweep.point) : null}::jsonb)`
  if (blobId && checkpoint) await insertPieces(client, id, blobId, checkpoint)
}

/** What lists show of a config that has long lists; null where it has none. */
const toSummary = (config: NewJob['config']): { config: unknown; omitted: string[] } | null => {
  const { value, omitted } = abridge(config, '/config')
  return omitted.length > 0 ? { config: value, omitted } : null
}

/** The checkpoint that a job starts from, if there is one: as its row, and the blob of values that are too many for a row. */
const encodeStart = (checkpoint: EngineState | undefined) => {
  if (!checkpoint) return { blobId: null, state: undefined }
  if (stateBytes(checkpoint) <= pieceBytes) return { blobId: null, state: encodeState(checkpoint) }
  return { blobId: randomUUID(), state: { memo: checkpoint.memo, layout: layoutOf(checkpoint), values: new Uint8Array(0) } }
}

/** The values of the checkpoint that a job starts from, where they are too many for one statement. */
const insertPieces = async (client: DatabaseClient, jobId: string, blobId: string, checkpoint: EngineState): Promise<void> => {
  await client.$executeRaw`
    insert into "Blob" (id, "jobId", token, kept, "pieceBytes") values (${blobId}::uuid, ${jobId}, gen_random_uuid(), true, ${pieceBytes}::int)`
  let index = 0
  for (const bytes of piecesOf(checkpoint, pieceBytes)) {
    await client.$executeRaw`insert into "BlobPiece" ("blobId", index, bytes) values (${blobId}::uuid, ${index}::int, ${bytes}::bytea)`
    index += 1
  }
}

/** The event of a move: a paused job that waits again is queued, a pausing one that goes on is resumed. */
const eventOf = (from: JobStatus, to: JobStatus): string => (from === 'pausing' && to === 'running' ? 'resumed' : to)

const writeMove = async (tx: Prisma.TransactionClient, id: string, from: JobStatus, to: JobStatus): Promise<void> => {
  await tx.$executeRaw`
    with job as (
      update "Job" set status = ${to}, revision = revision + 1, "lastSeq" = "lastSeq" + 1,
        "queuedAt" = case when ${to}::text = 'queued' then now() else "queuedAt" end,
        "finishedAt" = case when ${to}::text = 'cancelled' then now() end
      where id = ${id} and status = ${from}
      returning id, "lastSeq", epoch
    )
    insert into "Event" ("jobId", seq, type, data)
    select id, "lastSeq", ${eventOf(from, to)},
      case when ${eventOf(from, to)}::text = 'resumed' then jsonb_build_object('fromEpoch', epoch) else '{}'::jsonb end from job`
}

const require = (job: Job | null, id: string): Job => {
  if (!job) throw new Error(`job ${id} vanished while it was being written`)
  return job
}

const toJob = (row: JobRow, position: number | null): Job => ({
  id: row.id,
  tenant: row.tenant,
  status: row.status as JobStatus,
  config: row.config as unknown as Job['config'],
  datasetId: row.datasetId,
  metadata: row.metadata as Job['metadata'],
  engine: row.engine as Job['engine'],
  epoch: row.epoch,
  epochs: row.epochs,
  fraction: row.fraction,
  latestLoss: row.latestLoss,
  result: row.result as Job['result'],
  errorCode: row.errorCode as Job['errorCode'],
  errorMessage: row.errorMessage,
  seconds: row.seconds,
  revision: row.revision,
  createdAt: row.createdAt,
  queuedAt: row.queuedAt,
  startedAt: row.startedAt,
  finishedAt: row.finishedAt,
  position,
})
