import { type Call, type CallAnswer, callTimeoutMs } from '../../contracts/calls.ts'
import type { EngineState } from '../../contracts/engine.ts'
import { channels } from '../../contracts/queue.ts'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { decodeState } from '../jobs/batch-encoding.ts'
import type { ClaimedDataset } from '../jobs/lease.ts'

/** What a prediction needs of a job: its config, the table it was trained on, and where it stands. */
export type TrainedJob = { config: unknown; dataset: ClaimedDataset; state: EngineState }

/** The worker's side of calls: find one, answer it, wake who waits. */
export const createAnswerRepository = ({ prisma }: { prisma: PrismaClient }) => {
  /** An unanswered call and its age; null where it is answered, given up or unknown. */
  const find = async (id: string): Promise<{ call: Call; ageMs: number } | null> => {
    const [row] = await prisma.$queryRaw<{ kind: string; request: unknown; age: number }[]>`
      select kind, request, extract(epoch from clock_timestamp() - "createdAt")::float8 as age from "Call" where id = ${id} and response is null`
    return row ? { call: { id, kind: row.kind, request: row.request } as Call, ageMs: 1000 * row.age } : null
  }

  /** Calls that still wait for their answer after a time in which a worker that heard of them has begun. The oldest first. */
  const overdue = async (limit: number): Promise<string[]> => {
    const rows = await prisma.$queryRaw<{ id: string }[]>`
      select id from "Call" where response is null and "createdAt" < clock_timestamp() - interval '500 milliseconds'
        and "createdAt" > clock_timestamp() - ${callTimeoutMs} * interval '1 millisecond'
      order by "createdAt" limit ${limit}`
    return rows.map(({ id }) => id)
  }

  /** Writes the answer; the first one stands. */
  const answer = async (id: string, response: CallAnswer): Promise<void> => {
    await prisma.$executeRaw`
      with answered as (
        update "Call" set response = ${JSON.stringify(response)}::jsonb where id = ${id} and response is null returning id
      )
      select pg_notify(${channels.call}, id) from answered`
  }

  /** A job with its newest checkpoint; null where it is gone or has none. */
  const trainedJob = async (jobId: string): Promise<TrainedJob | null> => {
    const job = await prisma.job.findUnique({ where: { id: jobId }, include: { dataset: true, checkpoint: true } })
    if (!job?.checkpoint) return null
    const { id, kind, spec, columns, rows, inputShape } = job.dataset
    return { config: job.config, dataset: { id, kind, spec, columns, rows, inputShape }, state: decodeState(job.checkpoint) }
  }

  return { find, overdue, answer, trainedJob }
}

export type AnswerRepository = ReturnType<typeof createAnswerRepository>
