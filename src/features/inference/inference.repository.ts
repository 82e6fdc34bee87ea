/** Inference requests in PostgreSQL (the table `Call`), the API's side: write one, tell workers of it, read its answer, which clears it away. */

import { toJsonText } from '../../api/write-json.ts'
import type { InferenceAnswer, InferenceKind, InferenceTypes } from '../../contracts/inference.ts'
import { addressOf, channels, requestQueues } from '../../contracts/queue.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'

/** A job that must be there, with weights, for a request to be written. */
export type TrainedJobOf = { tenant: string; jobId: string }

/** What is written of a request; `worker` is to have it, if it is still there. */
export type NewRequest<Kind extends InferenceKind> = {
  id: string
  kind: Kind
  request: InferenceTypes[Kind]['request']
  worker: string | undefined
  job: TrainedJobOf | undefined
}

export const createInferenceRepository = ({ prisma, checkConnects }: Database) => {
  /** Writes a request and tells workers of it, in one statement. False if its job is not there. */
  const insert = async <Kind extends InferenceKind>({ id, kind, request, worker, job }: NewRequest<Kind>): Promise<boolean> => {
    const text = await toJsonText(request)
    const condition = job
      ? Prisma.sql`from "Job" where "Job".id = ${job.jobId} and tenant = ${job.tenant} and epoch > 0`
      : Prisma.sql`where true`
    const rows = await prisma.$queryRaw<unknown[]>`
      with request as (insert into "Call" (id, kind, request) select ${id}, ${kind}, ${text}::jsonb ${condition} returning id)
      select pg_notify(${channels.request}, id || ${` ${addressOf(requestQueues.inference, worker)}`})::text as told from request`
    return rows.length > 0
  }

  /** Tells every worker of a request that none has answered. */
  const offer = async (id: string): Promise<void> => {
    await prisma.$queryRaw`select pg_notify(${channels.request}, ${`${id} ${addressOf(requestQueues.inference, undefined)}`})::text as told`
  }

  /** The answer and whose it is, which are gone then; null while there is none. */
  const takeAnswer = async <Kind extends InferenceKind>(
    id: string,
  ): Promise<{ response: InferenceAnswer<Kind>; worker: string | null } | null> => {
    const [row] = await prisma.$queryRaw<{ response: InferenceAnswer<Kind>; worker: string | null }[]>`
      delete from "Call" where id = ${id} and response is not null returning response, worker`
    return row ?? null
  }

  const remove = async (id: string): Promise<void> => {
    await prisma.$executeRaw`delete from "Call" where id = ${id}`
  }

  return { insert, offer, takeAnswer, remove, checkConnects }
}

export type InferenceRepository = ReturnType<typeof createInferenceRepository>
