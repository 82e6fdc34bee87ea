/** Jobs in PostgreSQL, the API's side: queue them, find them, tell their workers what the client wants. */
import type { PageRequest } from '../../api/page.schema.ts'
import { type JobStatus, runnableStatus } from '../../contracts/lifecycle.ts'
import { channels } from '../../contracts/queue.ts'
import type { Job as JobRow } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'
import type { NewDataset } from '../datasets/dataset.ts'
import type { removeUnusedDatasets } from '../datasets/unused-datasets.repository.ts'
import type { OnStored } from '../on-stored.ts'
import { blobChunkBytes } from './blob.repository.ts'
import { stateBytes } from './checkpoint-encoding.ts'
import { discardJobs, hideJob } from './deleted-jobs.repository.ts'
import type { BriefJob, Job, JobFilter, JobState, NewJob, QueuePlace, ShownJob, WatchedJob } from './job.ts'
import { countQueued, holdIfRoom } from './sql/count-queued.ts'
import { findAliases } from './sql/find-aliases.ts'
import { findPendingPredictions } from './sql/find-predictions.ts'
import { findShownJob, findWatchedJob, type ShownRow } from './sql/find-shown.ts'
import { insertJob } from './sql/insert.ts'
import { toJob, toJobWithout } from './sql/job-row.ts'
import { listJobs } from './sql/list.ts'
import { moveJob } from './sql/move.ts'
import { placeJobs } from './sql/place.ts'

/** A move of the state machine, found by looking at the row under its lock. */
export type Move = { from: JobStatus; to: JobStatus | null; job: ShownJob }

/** How many jobs of a tenant may be queued, and in work, at a time. */
export type JobLimits = { maxQueued: number; maxRunning?: number | null }

/** The API's statements; `tenant` goes into every one, so that nobody reaches another's rows. */
export const createJobRepository = (
  { prisma, transaction, notify }: Database,
  removeUnused: typeof removeUnusedDatasets,
  { maxQueued, maxRunning = null }: JobLimits,
) => {
  /**
   * Queues a job with its first event, and stores the dataset that comes with it; all or nothing. Null if the
   * dataset that it refers to has been deleted meanwhile, or is over. `onQueued` is called as soon as workers can find the job.
   * @throws Problem QUEUE_FULL
   */
  const insert = async (job: NewJob, dataset: NewDataset | null, onQueued: () => void, onStored?: OnStored): Promise<ShownJob | null> => {
    await onStored?.ready()
    // Values in chunks are several statements.
    const isLarge = job.checkpoint !== undefined && stateBytes(job.checkpoint) > blobChunkBytes
    const isOneStatement = dataset && !onStored && !isLarge
    const row = await (isOneStatement ? insertJob(prisma, job, dataset, maxQueued) : insertInTransaction(job, dataset, onStored))
    if (!row) return null
    onQueued()
    return show(row)
  }

  /** Holds the dataset while the job is stored: who deletes it either comes first or finds the job. */
  const insertInTransaction = (job: NewJob, dataset: NewDataset | null, onStored?: OnStored): Promise<ShownRow | null> =>
    transaction(async (tx) => {
      if (!dataset) {
        const held = await tx.$queryRaw<unknown[]>`
          select 1 from "Dataset" where id = ${job.datasetId} and "deletedAt" is null and ("expiresAt" is null or "expiresAt" > now()) for share`
        if (held.length === 0) return null
      }
      const row = await insertJob(tx, job, dataset)
      await countQueued(tx, job.tenant, 1, maxQueued)
      await onStored?.write(tx, job.id)
      return row
    })

  const find = async (tenant: string, id: string): Promise<Job | null> => {
    const row = await prisma.job.findFirst({ where: { id, tenant } })
    if (!row) return null
    return toJob(row, await placeOf(row))
  }

  /** The job as it is shown; nothing reads its config here. */
  const findShown = async (tenant: string, id: string): Promise<ShownJob | null> => {
    const row = await findShownJob(prisma, tenant, id)
    return row && show(row)
  }

  /** The job for who may have seen it before; null if the tenant has none. */
  const findWatched = async (tenant: string, id: string): Promise<WatchedJob | null> => {
    const row = await findWatchedJob(prisma, tenant, id)
    if (!row) return null
    const { place: _notYet, ...job } = toJobWithout(row, null)
    return { ...job, config: row.config }
  }

  const show = async (row: ShownRow): Promise<ShownJob> => ({ ...toJobWithout(row, await placeOf(row)), config: row.config })

  /** Where it waits, and for what; null unless it is queued. */
  const placeOf = async ({ id, tenant, status }: Pick<JobRow, 'id' | 'tenant' | 'status'>): Promise<QueuePlace | null> =>
    status === runnableStatus ? ((await placeJobs(prisma, tenant, [id], maxRunning)).get(id) ?? null) : null

  /** Where a job stands, without its config, which may be large; null if there is none. */
  const findState = async (tenant: string, id: string): Promise<JobState | null> => {
    const [row] = await prisma.$queryRaw<
      JobState[]
    >`select status, revision, epoch, epochs from "Job" where id = ${id} and tenant = ${tenant}`
    return row ?? null
  }

  /** Those of the jobs that are there, without what makes a job large. */
  const findBriefly = async (tenant: string, ids: readonly string[]): Promise<BriefJob[]> => {
    const select = { id: true, status: true, epoch: true, revision: true, metadata: true }
    return (await prisma.job.findMany({ where: { id: { in: [...ids] }, tenant }, select })) as BriefJob[]
  }

  /** A page of jobs in the filter's order; their configs lack long lists. */
  const list = async (tenant: string, filter: JobFilter, page: PageRequest): Promise<{ rows: Job[]; hasMore: boolean }> => {
    const { rows, hasMore } = await listJobs(prisma, tenant, filter, page)
    const waiting = rows.filter((row) => row.status === runnableStatus).map((row) => row.id)
    const queued = await placeJobs(prisma, tenant, waiting, maxRunning)
    return {
      rows: rows.map((row) => ({ ...toJob(row, queued.get(row.id) ?? null), omitted: row.omitted ?? [], sortedBy: row.sortedBy })),
      hasMore,
    }
  }

  /**
   * Moves a job to the status that `decide` names for the one it is in, with an event, and wakes who watches it.
   * The row is locked meanwhile, so the move is a compare-and-set. Null if there is no such job.
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
        if (to === runnableStatus) await holdIfRoom(tx, tenant, 1, maxQueued)
        await moveJob(tx, id, row.status, to)
        await notify(tx, channels.job, id)
      }
      if (to) await onStored?.write(tx, id)
      return { from: row.status, to }
    })
    return moved && { ...moved, job: require(await findShown(tenant, id), id) }
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
        await moveJob(tx, id, from, to)
        await notify(tx, channels.job, id)
      }
      if (moves.some(({ to }) => to)) await onStored?.write(tx, sweepId)
      return moves
    })
  }

  /** Deletes a finished job with all that it left, and the datasets that it alone kept, unless models stand for it. */
  const remove = async (
    tenant: string,
    id: string,
    isRemovable: (status: JobStatus) => boolean,
  ): Promise<'removed' | 'missing' | JobStatus | { aliases: string[] } | { predictions: string[] }> => {
    const removal = await transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ status: JobStatus }[]>`select status from "Job" where id = ${id} and tenant = ${tenant} for update`
      if (!row) return 'missing'
      if (!isRemovable(row.status)) return row.status
      const aliases = await findAliases(tx, [id])
      if (aliases.length > 0) return { aliases }
      const predictions = await findPendingPredictions(tx, [id])
      if (predictions.length > 0) return { predictions: predictions.map((one) => one.id) }
      await hideJob(tx, id)
      return 'removed'
    })
    // It is gone for everybody; what it left follows part by part, and if that fails the housekeeping goes on.
    if (removal === 'removed') await discardJobs({ prisma, transaction }, removeUnused, [id]).catch(() => {})
    return removal
  }

  return {
    insert,
    find,
    findShown,
    findWatched,
    findPlace: placeOf,
    findState,
    findBriefly,
    findAliases: (ids: readonly string[]) => findAliases(prisma, ids),
    list,
    move,
    moveSweep,
    remove,
  }
}

export type JobRepository = ReturnType<typeof createJobRepository>

const require = (job: ShownJob | null, id: string): ShownJob => {
  if (!job) throw new Error(`job ${id} vanished while it was being written`)
  return job
}
