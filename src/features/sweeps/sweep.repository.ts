/** Sweeps in PostgreSQL: one row, and the jobs that belong to it. */

import type { JsonNumber } from '../../api/numbers.ts'
import type { PageRequest } from '../../api/page.schema.ts'
import type { SweepRequest } from '../../api/sweep.schema.ts'
import { JsonText } from '../../api/write-json.ts'
import type { JobErrorCode } from '../../contracts/error-codes.ts'
import type { JobStatus } from '../../contracts/lifecycle.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { summaryOf } from '../abridged.ts'
import type { NewDataset } from '../datasets/dataset.ts'
import type { NewJob } from '../jobs/job.ts'
import type { countQueued, refuseIfFull } from '../jobs/sql/count-queued.ts'
import type { insertJob } from '../jobs/sql/insert.ts'
import type { OnStored } from '../on-stored.ts'
import { findIds, fittingIds, newestIds } from '../page.repository.ts'
import type { Terms } from './per-example.ts'
import type { ComparedConfig } from './ranking.ts'

/** A sweep that is about to be stored; the request holds the seed that its jobs share. */
export type NewSweep = { id: string; tenant: string; request: SweepRequest; metadata: Record<string, string | number> }

/** A sweep's row; base and grid are the text of their JSON, which is only passed on. */
export type Sweep = Omit<NewSweep, 'request'> & { base: JsonText; grid: JsonText; rankBy: string | null; createdAt: Date }

/** A sweep in a list, which may lack long lists of base and grid, and how many of its jobs have each status. */
export type ListedSweep = Omit<NewSweep, 'request' | 'tenant'> & {
  base: unknown
  grid: unknown
  omitted: string[]
  jobCounts: Partial<Record<JobStatus, number>>
  createdAt: Date
}

/** What is kept with a job about its place in the sweep. */
export type StoredPoint = { values: Record<string, unknown>; terms: Terms; trainingRows: number; validationRows: number }

/** A job of a sweep, and what its last epoch gave. */
export type SweptJob = {
  id: string
  position: number
  point: StoredPoint
  status: JobStatus
  /** The parts of its config that say by what it can be compared. */
  config: ComparedConfig
  epoch: number
  seconds: number
  result: { loss?: JsonNumber; estimationError?: { weights: JsonNumber[]; bias: JsonNumber } } | null
  latestLoss: number | null
  validationLoss: number | null
  metrics: Record<string, JsonNumber> | null
  errorCode: JobErrorCode | null
  errorMessage: string | null
}

/** How jobs of a sweep are queued: the statements of jobs, and how many of a tenant may be queued at a time. */
type JobQueue = {
  insertJob: typeof insertJob
  refuseIfFull: typeof refuseIfFull
  countQueued: typeof countQueued
  maxQueued: number
}

export const createSweepRepository = ({ prisma, transaction }: Database, queue: JobQueue) => {
  /** Stores a sweep and queues its jobs; all or nothing. @throws Problem QUEUE_FULL */
  const insert = async (
    { request, ...sweep }: NewSweep,
    jobs: { job: NewJob; dataset: NewDataset | null }[],
    onStored?: OnStored,
  ): Promise<void> => {
    await onStored?.ready()
    await queue.refuseIfFull(prisma, sweep.tenant, jobs.length, queue.maxQueued)
    await transaction(async (tx) => {
      const summary = (summaryOf({ base: request.base, grid: request.grid }) ?? Prisma.DbNull) as
        | Prisma.InputJsonObject
        | typeof Prisma.DbNull
      await tx.sweep.create({ data: { ...sweep, request: request as unknown as Prisma.InputJsonObject, summary }, select: { id: true } })
      for (const { job, dataset } of jobs) await queue.insertJob(tx, job, dataset)
      await queue.countQueued(tx, sweep.tenant, jobs.length, queue.maxQueued)
      await onStored?.write(tx, sweep.id)
    })
  }

  const find = async (tenant: string, id: string): Promise<Sweep | null> => {
    const [row] = await prisma.$queryRaw<(Omit<Sweep, 'base' | 'grid'> & { base: string; grid: string })[]>`
      select id, tenant, (request->'base')::text as base, (request->'grid')::text as grid, request->>'rankBy' as "rankBy", metadata, "createdAt"
      from "Sweep" where id = ${id} and tenant = ${tenant}`
    return row ? { ...row, base: new JsonText(row.base), grid: new JsonText(row.grid) } : null
  }

  /** A page of sweeps, newest first: `limit` of them, or as many as fit into a page's bytes. */
  const list = async (tenant: string, page: PageRequest): Promise<{ rows: ListedSweep[]; hasMore: boolean }> => {
    const ids = await findIds(prisma, newestIds('Sweep', tenant, page))
    const rows = await prisma.$queryRaw<(ListedSweep & { omitted: string[] | null })[]>`
      select sweep.id, coalesce(summary, request)->'base' as base, coalesce(summary, request)->'grid' as grid, summary->'omitted' as omitted,
        metadata, "createdAt", (select coalesce(jsonb_object_agg(status, jobs), '{}') from (
          select status, count(*)::int as jobs from "Job" where "sweepId" = sweep.id group by status) as counts) as "jobCounts"
      from "Sweep" sweep join (${fittingIds('Sweep', ids, page, listedBytes)}) as page on page.id = sweep.id
      order by sweep.id desc`
    return { rows: rows.map((row) => ({ ...row, omitted: row.omitted ?? [] })), hasMore: ids.length > rows.length }
  }

  /** The jobs of a sweep by position, with the epoch whose weights they have. */
  const jobs = (id: string): Promise<SweptJob[]> => prisma.$queryRaw<SweptJob[]>`
    select job.id, job."sweepPosition" as position, job."sweepPoint" as point, job.status, job.epoch, job.seconds, job.result,
      jsonb_build_object('loss', job.config->'loss', 'metrics', job.config->'metrics', 'training', job.config->'training') as config,
      job."latestLoss", last."validationLoss", last.metrics, job."errorCode", job."errorMessage"
    from "Job" job
    left join "Epoch" last on last."jobId" = job.id and last.epoch = coalesce((job.result->>'restoredEpoch')::int, job.epoch)
    where job."sweepId" = ${id} order by position`

  /** Deletes a sweep's own row. */
  const remove = async (tenant: string, id: string): Promise<void> => {
    await prisma.sweep.deleteMany({ where: { id, tenant } })
  }

  return { insert, find, list, jobs, remove }
}

export type SweepRepository = ReturnType<typeof createSweepRepository>

/** What an entry of the list takes. */
const listedBytes = Prisma.sql`octet_length(coalesce(summary, request)::text)`
