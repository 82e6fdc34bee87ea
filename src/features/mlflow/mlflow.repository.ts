/** How far MLflow was told, in PostgreSQL: a place among the events of all jobs, and a row for each job whose run is not over. */
import { epochColumnList } from '../../contracts/epoch-columns.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'
import type { EventPlace } from '../events/event-position.ts'
import type { WrittenEpoch } from './run-fields.ts'

export type RunRow = { jobId: string; tenant: string; runId: string | null; epoch: number; seconds: number; attempts: number }

const leaseSeconds = 20

const epochNames = Prisma.raw(['epoch', ...epochColumnList.map(([name]) => `"${name}"`)].join(', '))

/** `token` is this process's: every write checks that it is still the one that writes. */
export const createMlflowRepository = ({ prisma, transaction }: Pick<Database, 'prisma' | 'transaction'>, token: string) => {
  /** Becomes, or stays, the one process that writes; false if another is. `begin`: where to read from if nothing was read yet. */
  const hold = async (begin: bigint): Promise<boolean> => {
    const held = await prisma.$executeRaw`
      insert into "MlflowCursor" as cursor (name, position, "jobId", seq, "leaseToken", "leaseUntil")
      values ('events', ${begin}, '', 0, ${token}::uuid, now() + ${leaseSeconds} * interval '1 second')
      on conflict (name) do update set "leaseToken" = excluded."leaseToken", "leaseUntil" = excluded."leaseUntil"
      where cursor."leaseToken" = ${token}::uuid or cursor."leaseUntil" is null or cursor."leaseUntil" < now()`
    return held > 0
  }

  /** Lets another go on at once. */
  const letGo = async (): Promise<void> => {
    await prisma.$executeRaw`update "MlflowCursor" set "leaseToken" = null, "leaseUntil" = null where "leaseToken" = ${token}::uuid`
  }

  const readCursor = async (): Promise<EventPlace> => {
    const [row] = await prisma.$queryRaw<EventPlace[]>`select position, "jobId", seq from "MlflowCursor" where ${isOurs}`
    if (!row) throw new Error('another process writes to MLflow')
    return row
  }

  /** Notes jobs of which there is something to tell, and moves on to the place up to which events were read: both or nothing. */
  const note = (to: EventPlace, jobs: readonly { jobId: string; tenant: string }[]): Promise<void> =>
    transaction(async (tx) => {
      const moved = await tx.$executeRaw`
        update "MlflowCursor" set position = ${to.position}, "jobId" = ${to.jobId}, seq = ${to.seq} where ${isOurs}`
      if (moved === 0) throw new Error('another process writes to MLflow')
      await tx.$executeRaw`
        insert into "MlflowRun" as run ("jobId", tenant)
        select "jobId", tenant from jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) as row("jobId" text, tenant text)
        on conflict ("jobId") do update set "nextAt" = coalesce(run."nextAt", now())`
    })

  /** Some of the jobs of which there is something to tell now, who waited longest first. */
  const due = (limit: number): Promise<RunRow[]> =>
    prisma.$queryRaw<RunRow[]>`
      select "jobId", tenant, "runId", epoch, seconds, attempts from "MlflowRun" where "nextAt" <= now() order by "nextAt" limit ${limit}::int`

  /** Keeps what was told of a job. `again`: seconds after which there is more; null: nothing before its next event. */
  const keep = async (
    jobId: string,
    { runId, epoch, seconds, again }: { runId: string; epoch: number; seconds: number; again: number | null },
  ): Promise<void> => {
    await prisma.$executeRaw`
      update "MlflowRun" set "runId" = ${runId}, epoch = ${epoch}::int, seconds = ${seconds}::float8, attempts = 0,
        "nextAt" = now() + ${again}::float8 * interval '1 second'
      where "jobId" = ${jobId} and exists (select from "MlflowCursor" where ${isOurs})`
  }

  /** Tries a job again after some seconds. */
  const postpone = async (jobId: string, seconds: number): Promise<void> => {
    await prisma.$executeRaw`
      update "MlflowRun" set attempts = attempts + 1, "nextAt" = now() + ${seconds}::float8 * interval '1 second'
      where "jobId" = ${jobId} and exists (select from "MlflowCursor" where ${isOurs})`
  }

  /** There is nothing to tell of a job any more. */
  const drop = async (jobId: string): Promise<void> => {
    await prisma.$executeRaw`delete from "MlflowRun" where "jobId" = ${jobId} and exists (select from "MlflowCursor" where ${isOurs})`
  }

  /** Epochs of a job after one, in order. */
  const epochsAfter = async (jobId: string, epoch: number, limit: number): Promise<WrittenEpoch[]> => {
    const [row] = await prisma.$queryRaw<{ epochs: WrittenEpoch[] | null }[]>`
      select json_agg(row_to_json(page) order by epoch) as epochs from (
        select ${epochNames} from "Epoch" where "jobId" = ${jobId} and epoch > ${epoch}::int order by epoch limit ${limit}::int) as page`
    return row?.epochs ?? []
  }

  /** Training time of a job's epochs up to one. */
  const secondsUntil = async (jobId: string, epoch: number): Promise<number> => {
    const [row] = await prisma.$queryRaw<{ seconds: number | null }[]>`
      select sum(seconds)::float8 as seconds from "Epoch" where "jobId" = ${jobId} and epoch <= ${epoch}::int`
    return row?.seconds ?? 0
  }

  const isOurs = Prisma.sql`name = 'events' and "leaseToken" = ${token}::uuid and "leaseUntil" > now()`

  return { hold, letGo, readCursor, note, due, keep, postpone, drop, epochsAfter, secondsUntil }
}

export type MlflowRepository = ReturnType<typeof createMlflowRepository>
