import { type InferenceAnswer, inferenceTimeoutMs } from '../../contracts/inference.ts'
import { channels, type RequestQueue } from '../../contracts/queue.ts'
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'

/** A worker that was silent for so long has lost what it had in hand. */
const lostMs = 3000

/** A request that nobody took for so long may have been missed by everybody. */
const missedMs = 300

/** A request in hand: `ageMs` counts from when it was asked, `revision` is that of the job that it is about. */
export type TakenRequest = { id: string; kind: string; request: unknown; ageMs: number; revision: number | null }

/** Whose requests: those of one queue, taken by one worker. */
export type RequestOwner = { queue: RequestQueue; worker: string }

/** Requests that are answered at once in PostgreSQL (the table `Call`), the worker's side: take them, each once, answer them, wake who waits. */
export const createRequestRepository = ({ prisma }: { prisma: PrismaClient }, { queue, worker }: RequestOwner) => {
  /** Nobody has it in hand, and somebody still waits for it. */
  const isFree = Prisma.sql`
    queue = ${queue} and response is null and "createdAt" > clock_timestamp() - ${inferenceTimeoutMs} * interval '1 millisecond'
    and ("takenAt" is null or "takenAt" < clock_timestamp() - ${lostMs} * interval '1 millisecond')`

  const takeThose = async (which: Prisma.Sql): Promise<TakenRequest[]> =>
    prisma.$queryRaw<TakenRequest[]>`
      with free as (${which} for update skip locked)
      update "Call" call set worker = ${worker}::uuid, "takenAt" = clock_timestamp() from free where call.id = free.id
      returning call.id, kind, request, 1000 * extract(epoch from clock_timestamp() - "createdAt")::float8 as "ageMs",
        (select revision from "Job" where "Job".id = request->>'jobId') as revision`

  /** Takes those of the requests that are free: none is in two hands. */
  const take = (ids: readonly string[]): Promise<TakenRequest[]> =>
    takeThose(Prisma.sql`select id from "Call" where id = any(${ids}) and ${isFree}`)

  /** Takes the oldest requests that nobody was told of, or whose worker is gone. */
  const takeMissed = (limit: number): Promise<TakenRequest[]> =>
    takeThose(Prisma.sql`
      select id from "Call" where ${isFree} and "createdAt" < clock_timestamp() - ${missedMs} * interval '1 millisecond'
      order by "createdAt" limit ${limit}`)

  /** Says that they are still in hand here. */
  const hold = async (ids: readonly string[]): Promise<void> => {
    await prisma.$executeRaw`update "Call" set "takenAt" = clock_timestamp() where id = any(${ids}) and worker = ${worker}::uuid`
  }

  /** Leaves them to other workers, which are told. */
  const release = async (ids: readonly string[]): Promise<void> => {
    await prisma.$executeRaw`
      with free as (
        update "Call" set "takenAt" = null, worker = null where id = any(${ids}) and worker = ${worker}::uuid and response is null returning id
      )
      select pg_notify(${channels.request}, id || ${` ${queue}`}) from free`
  }

  /** Writes the answer; the first one stands. */
  const answer = async (id: string, response: InferenceAnswer): Promise<void> => {
    await prisma.$executeRaw`
      with answered as (
        update "Call" set response = ${JSON.stringify(response)}::jsonb where id = ${id} and response is null returning id
      )
      select pg_notify(${channels.inference}, id) from answered`
  }

  return { take, takeMissed, hold, release, answer }
}

export type RequestRepository = ReturnType<typeof createRequestRepository>
