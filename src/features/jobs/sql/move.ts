import type { EventType } from '../../../contracts/event-types.ts'
import { isTerminal, type JobStatus, runnableStatus } from '../../../contracts/lifecycle.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'

/** Moves a job, whose row the caller has locked, to the status that a client asked for, with an event. */
export const moveJob = async (client: DatabaseClient, id: string, from: JobStatus, to: JobStatus): Promise<void> => {
  const event = eventOfMove(to)
  await client.$executeRaw`
    with job as (
      update "Job" set status = ${to}, revision = revision + 1, "lastSeq" = "lastSeq" + 1,
        "lastPosition" = greatest("lastPosition", event_position()),
        "queuedAt" = case when ${to === runnableStatus} then now() else "queuedAt" end,
        "finishedAt" = case when ${isTerminal(to)} then now() end
      where id = ${id} and status = ${from}
      returning id, tenant, "lastSeq", "lastPosition", epoch
    )
    insert into "Event" ("jobId", seq, type, data, tenant, position)
    select id, "lastSeq", ${event},
      case when ${event === 'resumed'} then jsonb_build_object('fromEpoch', epoch) else '{}'::jsonb end, tenant, "lastPosition" from job`
}

/** A paused job that waits again is queued, one that was about to pause and runs on is resumed. */
const eventOfMove = (to: JobStatus): EventType => (to === 'running' ? 'resumed' : to)
