/** What becomes of a held job that is let go: the one rule of commits and of the recovery of jobs whose worker is gone. */
import type { EventType } from '../../../contracts/event-types.ts'
import { afterRelease, type HeldStatus, type JobStatus, maxCrashes } from '../../../contracts/lifecycle.ts'
import { Prisma } from '../../../generated/prisma/client.ts'

const table = JSON.stringify(afterRelease)

/** What a job that is let go may become, with the event that says so; one that stays with its worker has none. */
const events: Record<Exclude<JobStatus, HeldStatus>, EventType> = {
  queued: 'released',
  paused: 'paused',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
}
const eventTable = JSON.stringify(events)

/**
 * The status after a release, from the row's `status` and `crashes`. `wanted` is the status that the worker wishes for, null
 * if it keeps the job; `crashed` whether it died instead.
 */
export const statusAfterRelease = ({ wanted, crashed }: { wanted: Prisma.Sql; crashed: Prisma.Sql }): Prisma.Sql =>
  Prisma.sql`coalesce(${table}::jsonb #>> array[case when not coalesce(${crashed}, false) then ${wanted}
    when crashes + 1 >= ${maxCrashes}::int then 'crashedTooOften' else 'crashed' end, status], status)`

/** The event that tells of it. */
export const eventOfRelease = (next: Prisma.Sql): Prisma.Sql => Prisma.sql`${eventTable}::jsonb ->> ${next}`

/** What a job's error and its event say if it crashed too often; `who` died. */
export const crashError = (who: 'The training process' | 'The worker') => ({
  code: 'WORKER_CRASHED',
  message: `${who} died ${maxCrashes} times without getting further.`,
})
