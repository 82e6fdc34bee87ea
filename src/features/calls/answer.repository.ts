import type { Call, CallAnswer } from '../../contracts/calls.ts'
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

  return { find, answer, trainedJob }
}

export type AnswerRepository = ReturnType<typeof createAnswerRepository>
