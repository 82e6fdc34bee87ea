/** Predictions for whole datasets in PostgreSQL, the worker's side: one claim a prediction, and one write a chunk, which the claim guards. */
import type { DatasetPredictionErrorCode } from '../../api/dataset-prediction.schema.ts'
import type { JobConfig } from '../../api/job-config.schema.ts'
import type { JsonNumber } from '../../api/numbers.ts'
import { channels } from '../../contracts/queue.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { decodeConfig, decodeDataset } from '../jobs/claim-encoding.ts'
import type { ClaimedDataset } from '../jobs/lease.ts'
import { tell, wakeReaders } from './sql/tell.ts'

/** How long a worker may be silent before its prediction is another's. */
const leaseSeconds = 6

export type PredictionClaim = {
  id: string
  token: string
  jobId: string
  askedEpoch: number | null
  measured: boolean
  rows: number
  rowsDone: number
  /** Chunks that are written, so the number of the next. */
  chunks: number
  sums: Uint8Array | null
  /** Claims since the last chunk, this one included. */
  attempts: number
  /** The job with what it was trained on, and what is predicted for, as their rows have them. */
  stored: { job: { config: unknown; dataset: unknown }; dataset: unknown }
}

/** What a claim is about. @throws Error naming what cannot be read */
export const readStored = ({
  stored: { job, dataset },
}: PredictionClaim): { config: JobConfig; trained: ClaimedDataset; given: ClaimedDataset } => ({
  config: decodeConfig(job.config),
  trained: decodeDataset(job.dataset),
  given: decodeDataset(dataset),
})
type Holder = Pick<PredictionClaim, 'id' | 'token'>

/** What a chunk brought; `result` with the last one. */
export type PredictedChunk = {
  index: number
  rows: number
  values: Uint8Array
  sums: Uint8Array | null
  epoch: number
  seconds: number
  result?: { metrics: Record<string, JsonNumber> | null; confusion: number[][] | null }
}

export const createPredictionWorkRepository = ({ prisma, direct }: Pick<Database, 'prisma' | 'direct'>) => {
  /** Takes the next prediction that nobody works on, of the tenant whose last turn is the longest ago; null if there is none. The first claim is told. */
  const claim = async (): Promise<PredictionClaim | null> => {
    const [claimed] = await prisma.$queryRaw<(Holder & { attempts: number })[]>`
      with next as (
        select id, "startedAt" is null as "isFirst" from "Prediction" prediction
        where status in ('queued', 'running') and tenant <> '' and ("leaseUntil" is null or "leaseUntil" < clock_timestamp())
        order by (select max("workedAt") from "Prediction" other where other.tenant = prediction.tenant) nulls first, "workedAt" nulls first, id
        limit 1 for update skip locked
      ), claimed as (
        update "Prediction" prediction set status = 'running', "leaseToken" = gen_random_uuid(), "leaseUntil" = ${leaseEnd}, crashes = crashes + 1,
          "workedAt" = clock_timestamp(), "startedAt" = coalesce("startedAt", clock_timestamp())
        from next where prediction.id = next.id
        returning prediction.id, "jobId", rows, "leaseToken"::text as token, crashes as attempts, next."isFirst"
      ), told as (select id, "jobId", rows from claimed where "isFirst"),
      ${tell('prediction.started', Prisma.sql`jsonb_build_object('rows', told.rows)`)}
      select id, token, attempts, ${wakeReaders} from claimed`
    if (!claimed) return null
    const row = await prisma.prediction.findUnique({
      where: { id: claimed.id },
      include: { job: { include: { dataset: true } }, dataset: true },
    })
    if (!row) return null
    const { jobId, askedEpoch, measured, rows, rowsDone, chunks, sums, job, dataset } = row
    return { ...claimed, ...{ jobId, askedEpoch, measured, rows, rowsDone, chunks, sums }, stored: { job, dataset } }
  }

  /** Says that it goes on; false if it was deleted or is another's. */
  const renew = async (holder: Holder): Promise<boolean> =>
    (await prisma.$executeRaw`update "Prediction" set "leaseUntil" = ${leaseEnd} where ${isHeld(holder)}`) > 0

  /** Writes the next chunk and what it comes to; false if it was deleted, is another's, or has this chunk already. */
  const write = async (holder: Holder, { index, rows, values, sums, epoch, seconds, result }: PredictedChunk): Promise<boolean> => {
    const { text, values: parameters } = Prisma.sql`
      with held as (
        update "Prediction" set "rowsDone" = "rowsDone" + ${rows}::int, chunks = chunks + 1, epoch = ${epoch}::int,
          seconds = seconds + ${seconds}::float8, crashes = 0, ${result ? ended(result) : goingOn(sums)}
        where ${isHeld(holder)} and chunks = ${index}::int returning id, "jobId", rows, epoch, seconds, metrics
      ), stored as (
        insert into "PredictionChunk" ("predictionId", index, values) select id, ${index}::int, ${toBuffer(values)}::bytea from held
      ) ${result ? toldEnd : Prisma.sql`select id from held`}`
    return (await direct(text, parameters)).length > 0
  }

  /** Lets go of it so that it goes on later: here, or with another worker. */
  const release = async (holder: Holder, { isCrash }: { isCrash: boolean }): Promise<void> => {
    await prisma.$executeRaw`
      update "Prediction" set "leaseToken" = null, "leaseUntil" = null, crashes = crashes - ${isCrash ? 0 : 1}::int where ${isHeld(holder)}`
  }

  /** Ends it; its rows go with the housekeeping. */
  const fail = async (holder: Holder, error: { code: DatasetPredictionErrorCode; message: string }): Promise<void> => {
    await prisma.$queryRaw`
      with told as (
        update "Prediction" set status = 'failed', error = ${JSON.stringify(error)}::jsonb, sums = null, "storedBytes" = 0,
          "leaseToken" = null, "leaseUntil" = null, "finishedAt" = clock_timestamp()
        where ${isHeld(holder)} returning id, "jobId", error
      ), ${tell('prediction.failed', Prisma.sql`told.error`)}
      select pg_notify(${channels.prediction}, id)::text as woken, ${wakeReaders} from told`
  }

  /** Whether another prediction waits for a worker. */
  const othersWait = async ({ id }: Holder): Promise<boolean> => {
    const rows = await prisma.$queryRaw<unknown[]>`
      select 1 from "Prediction" where status in ('queued', 'running') and tenant <> '' and id <> ${id}
        and ("leaseUntil" is null or "leaseUntil" < clock_timestamp()) limit 1`
    return rows.length > 0
  }

  return { claim, renew, write, release, fail, othersWait }
}

export type PredictionWorkRepository = ReturnType<typeof createPredictionWorkRepository>

const leaseEnd = Prisma.sql`clock_timestamp() + ${leaseSeconds} * interval '1 second'`

/** What a chunk changes that is not the last, and the last one. */
const goingOn = (sums: Uint8Array | null): Prisma.Sql =>
  Prisma.sql`sums = ${sums ? toBuffer(sums) : null}::bytea, "leaseUntil" = ${leaseEnd}`
const ended = ({ metrics, confusion }: NonNullable<PredictedChunk['result']>): Prisma.Sql => Prisma.sql`
  sums = null, metrics = ${metrics ? JSON.stringify(metrics) : null}::jsonb, confusion = ${confusion ? JSON.stringify(confusion) : null}::jsonb,
  status = 'succeeded', "leaseToken" = null, "leaseUntil" = null, "finishedAt" = clock_timestamp()`

const toldEnd = Prisma.sql`, told as (select * from held),
  ${tell('prediction.succeeded', Prisma.sql`jsonb_build_object('rows', told.rows, 'epoch', told.epoch, 'seconds', told.seconds, 'metrics', told.metrics)`)}
  select pg_notify(${channels.prediction}, id)::text as woken, ${wakeReaders} from held`

const isHeld = ({ id, token }: Holder): Prisma.Sql => Prisma.sql`id = ${id} and "leaseToken" = ${token}::uuid and tenant <> ''`

const toBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)
