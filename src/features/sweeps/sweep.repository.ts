/** Sweeps in PostgreSQL: one row, and the jobs that belong to it. */
import type { JobConfig } from '../../contracts/job-config.ts'
import type { JobStatus } from '../../contracts/job-status.ts'
import type { JsonNumber } from '../../contracts/numbers.ts'
import type { PageRequest } from '../../contracts/page.ts'
import type { CreateSweep } from '../../contracts/sweep.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database.ts'
import type { NewDataset } from '../datasets/dataset.ts'
import type { insertJob } from '../jobs/job.repository.ts'
import type { NewJob } from '../jobs/job.ts'
import type { OnStored } from '../on-stored.ts'
import type { Terms } from './per-example.ts'

/** A sweep's row; the request holds the seed that its jobs share. */
export type Sweep = { id: string; tenant: string; request: CreateSweep; metadata: Record<string, string | number>; createdAt: Date }

/** What is kept with a job about its place in the sweep. */
export type StoredPoint = { values: Record<string, unknown>; terms: Terms; trainingRows: number; validationRows: number }

/** A job of a sweep, and what its last epoch gave. */
export type SweptJob = {
  id: string
  position: number
  point: StoredPoint
  status: JobStatus
  config: JobConfig
  epoch: number
  seconds: number
  result: { loss?: JsonNumber; estimationError?: { weights: JsonNumber[]; bias: JsonNumber } } | null
  latestLoss: number | null
  validationLoss: number | null
  metrics: Record<string, JsonNumber> | null
  errorCode: string | null
  errorMessage: string | null
}

export const createSweepRepository = ({ prisma, transaction }: Database, insertJobRow: typeof insertJob) => {
  /** Stores a sweep and queues its jobs; all or nothing. */
  const insert = async (
    sweep: Omit<Sweep, 'createdAt'>,
    jobs: { job: NewJob; dataset: NewDataset | null }[],
    onStored?: OnStored,
  ): Promise<void> => {
    await onStored?.ready()
    await transaction(async (tx) => {
      await tx.sweep.create({
        data: { ...sweep, request: sweep.request as unknown as Prisma.InputJsonObject, metadata: sweep.metadata },
      })
      for (const { job, dataset } of jobs) await insertJobRow(tx, job, dataset)
      await onStored?.write(tx, sweep.id)
    })
  }

  const find = async (tenant: string, id: string): Promise<Sweep | null> => {
    const row = await prisma.sweep.findFirst({ where: { id, tenant } })
    return row as Sweep | null
  }

  /** One more than the limit, newest first. */
  const list = async (tenant: string, { after, limit }: PageRequest): Promise<Sweep[]> => {
    const rows = await prisma.sweep.findMany({
      where: { tenant, ...(after ? { id: { lt: after } } : {}) },
      orderBy: { id: 'desc' },
      take: limit + 1,
    })
    return rows as unknown as Sweep[]
  }

  /** The jobs of a sweep by position, with the epoch whose weights they have. */
  const jobs = (id: string): Promise<SweptJob[]> => prisma.$queryRaw<SweptJob[]>`
    select job.id, job."sweepPosition" as position, job."sweepPoint" as point, job.status, job.config, job.epoch, job.seconds, job.result,
      job."latestLoss", last."validationLoss", last.metrics, job."errorCode", job."errorMessage"
    from "Job" job
    left join "Epoch" last on last."jobId" = job.id and last.epoch = coalesce((job.result->>'restoredEpoch')::int, job.epoch)
    where job."sweepId" = ${id} order by position`

  return { insert, find, list, jobs }
}

export type SweepRepository = ReturnType<typeof createSweepRepository>
