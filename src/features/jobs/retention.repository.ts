/** Takes away, with all that hangs on them, jobs that ended and trainers that were closed long ago. */
import { terminalStatuses } from '../../contracts/lifecycle.ts'
import type { Database } from '../../platform/db/database-client.ts'
import type { removeUnusedDatasets } from '../datasets/unused-datasets.repository.ts'
import { firstIdOf } from '../ids.ts'
import { discardJobs, nobody } from './deleted-jobs.repository.ts'

/** Jobs that are looked at in one go, and taken away together. */
const jobsAtOnce = 100
/** Sweeps that are looked at in one go. */
const sweepsAtOnce = 100

/** Trainers that are taken away in one go: each may have many checkpoints. */
const trainersAtOnce = 10

const dayMs = 86_400_000

/** `days`: how long a job is kept after its end; undefined for ever. */
export const createRetention = (
  database: Pick<Database, 'prisma' | 'transaction'>,
  removeUnused: typeof removeUnusedDatasets,
  days: number | undefined,
) => {
  const { prisma } = database
  let afterJob = ''
  let afterSweep = ''

  /**
   * Takes away the next of those that ended so long ago. It goes through the ids of all that were made before then, which are in order: what is
   * still there of them has not ended, or ended later, and is looked at again in the next round. More than one process may do it.
   */
  const removeOld = async (): Promise<{ removed: number; more: boolean }> => {
    if (days === undefined) return { removed: 0, more: false }
    const until = Date.now() - days * dayMs
    const rows = await prisma.$queryRaw<{ id: string; over: boolean }[]>`
      select id, tenant <> ${nobody} and status = any(${terminalStatuses}) and "finishedAt" < ${new Date(until)} as over
      from "Job" where id > ${afterJob} and id < ${firstIdOf('job', until)} order by id limit ${jobsAtOnce}`
    afterJob = rows.length < jobsAtOnce ? '' : (rows.at(-1)?.id ?? '')
    const old = rows.filter(({ over }) => over).map(({ id }) => id)
    const hidden = old.length > 0 ? await hide(old) : []
    if (hidden.length > 0) await discardJobs(database, removeUnused, hidden)
    return { removed: hidden.length, more: rows.length === jobsAtOnce }
  }

  /** Hides those of the jobs that no model stands for and no prediction needs; who names one meanwhile either comes first or finds it gone. */
  const hide = (ids: readonly string[]): Promise<string[]> =>
    database.transaction(async (tx) => {
      await tx.$queryRaw`select 1 from "Job" where id = any(${ids}) for update`
      const rows = await tx.$queryRaw<{ id: string }[]>`
        update "Job" job set tenant = ${nobody}, "sweepId" = null
        where id = any(${ids}) and status = any(${terminalStatuses}) and not exists (select from "Model" where "jobId" = job.id)
          and not exists (select from "Prediction" where "jobId" = job.id and status in ('queued', 'running')) returning id`
      const hidden = rows.map(({ id }) => id)
      await tx.prediction.updateMany({ where: { jobId: { in: hidden } }, data: { tenant: nobody, storedBytes: 0 } })
      return hidden
    })

  /** Takes away sweeps as old that have no job any more. */
  const removeOldSweeps = async (): Promise<{ removed: number; more: boolean }> => {
    if (days === undefined) return { removed: 0, more: false }
    const rows = await prisma.$queryRaw<{ id: string; empty: boolean }[]>`
      select id, not exists (select from "Job" where "sweepId" = sweep.id) as empty from "Sweep" sweep
      where id > ${afterSweep} and id < ${firstIdOf('sweep', Date.now() - days * dayMs)} order by id limit ${sweepsAtOnce}`
    afterSweep = rows.length < sweepsAtOnce ? '' : (rows.at(-1)?.id ?? '')
    const empty = rows.filter((row) => row.empty).map(({ id }) => id)
    const { count } = empty.length > 0 ? await prisma.sweep.deleteMany({ where: { id: { in: empty } } }) : { count: 0 }
    return { removed: count, more: rows.length === sweepsAtOnce }
  }

  /** Takes away trainers that were closed as long ago, with all that they saved. */
  const removeOldTrainers = async (): Promise<{ removed: number; more: boolean }> => {
    if (days === undefined) return { removed: 0, more: false }
    const removed = await prisma.$executeRaw`
      delete from "Trainer" where id in (
        select id from "Trainer" where status = 'closed' and "closedAt" < now() - ${days} * interval '1 day'
        order by "closedAt" limit ${trainersAtOnce} for update skip locked
      )`
    return { removed, more: removed === trainersAtOnce }
  }

  return { removeOld, removeOldSweeps, removeOldTrainers }
}
