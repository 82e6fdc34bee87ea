/** What happens to a prediction is told as an event of the job whose weights it uses, in the statement that makes it so. (docs/adr/0042) */
import type { PredictionEventType } from '../../../contracts/event-types.ts'
import { channels } from '../../../contracts/queue.ts'
import { Prisma } from '../../../generated/prisma/client.ts'

/**
 * Parts of a statement, `job` and `event`, that write an event for the row of its part `told`, if that has one: `id`, `"jobId"`, and what `data` is
 * made of, a JSON object without the prediction's id.
 */
export const tell = (type: PredictionEventType, data: Prisma.Sql = Prisma.sql`'{}'::jsonb`): Prisma.Sql => Prisma.sql`
  job as (
    update "Job" job set "lastSeq" = job."lastSeq" + 1, "lastPosition" = greatest(job."lastPosition", event_position())
    from told where job.id = told."jobId" returning job.id, job.tenant, job."lastSeq", job."lastPosition"
  ), event as (
    insert into "Event" ("jobId", seq, type, data, tenant, position)
    select job.id, job."lastSeq", ${type}, jsonb_build_object('predictionId', told.id) || ${data}, job.tenant, job."lastPosition" from job cross join told
  )${count(counterOf[type])}`

/** Wakes whoever reads events: a column of what such a statement gives. */
export const wakeReaders = Prisma.sql`(select pg_notify(${channels.job}, id)::text from job) as told`

/** Where a tenant's ends are counted. */
const counterOf: Partial<Record<PredictionEventType, string>> = {
  'prediction.succeeded': '"predictionsSucceeded"',
  'prediction.failed': '"predictionsFailed"',
  'prediction.cancelled': '"predictionsCancelled"',
}

/** One more part: the end is counted, after the job is locked as whoever moves one does. */
const count = (counter: string | undefined): Prisma.Sql => {
  if (!counter) return Prisma.empty
  const column = Prisma.raw(counter)
  return Prisma.sql`, counted as (
    insert into "Tenant" as tenant (name, ${column}) select job.tenant, 1 from job on conflict (name) do update set ${column} = tenant.${column} + 1
  )`
}
