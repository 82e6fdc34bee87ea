/**
 * The worker's side of a job's row: claim it, keep it, write what training gave, let go of it. Every write checks
 * the claim's token in the statement that writes, so a worker that lost its lease can write nothing. Each of them
 * is one statement: atomic without a transaction of several round trips.
 */
import { randomUUID } from 'node:crypto'
import type { HeldStatus, JobStatus } from '../../contracts/lifecycle.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { type ClaimedRow, decodeClaim } from './claim-encoding.ts'
import type { Batch, Claim, Closing } from './lease.ts'
import { claimJob } from './sql/claim.ts'
import { commitBatch } from './sql/commit.ts'
import { findWritten } from './sql/find-written.ts'
import type { Holder } from './sql/held.ts'
import { renewLease } from './sql/renew.ts'
import type { QueueDevice } from './sql/waiting-tenants.ts'

/** What a commit found: the status after it. Null: the lease was lost before, and nothing was written. */
export type Committed = { status: JobStatus } | null

/** The worker's statements over one database. `maxRunning`: jobs of a tenant that may be in work at a time, any number unless given. */
export const createLeaseRepository = ({ prisma }: Pick<Database, 'prisma'>, maxRunning?: number) => {
  /**
   * Takes a job of the tenant whose turn it is: that of the highest priority, then what has waited longest. Null when none is runnable. `gpu`: what it would be trained on, which jobs for the other device are not
   * taken for; `any: false` also leaves those that run on either. A job that is stored in a way that cannot be read ends as failed.
   * @throws Error naming what cannot be read, and what the database throws
   */
  const claim = async ({ gpu, any = true }: { gpu: boolean; any?: boolean }): Promise<Claim | null> => {
    const row = await claimRow([gpu ? 'gpu' : 'cpu', ...(any ? (['any'] as const) : [])])
    if (!row) return null
    try {
      return decodeClaim(row)
    } catch (error) {
      // Nobody could read it any better, so it must not be claimed again and again.
      await commitBatch(prisma, { jobId: row.id, token: row.token }, { ...emptyBatch, id: randomUUID(), closing: unreadable })
      throw error
    }
  }

  /** Where the number is limited, what was found may be too much once others have claimed too: the next look passes that tenant over. */
  const claimRow = async (devices: readonly QueueDevice[]): Promise<ClaimedRow | undefined> => {
    for (let look = 1; look < (maxRunning === undefined ? 1 : maxLooks); look += 1) {
      const row = await claimJob(prisma, devices, maxRunning ?? null)
      if (row) return row
    }
    return claimJob(prisma, devices, maxRunning ?? null)
  }

  /** Renews the lease. Returns the status, which says whether to cancel or pause; null when the lease is lost. */
  const heartbeat = async (holder: Holder): Promise<HeldStatus | null> => (await renewLease(prisma, holder)) ?? null

  /**
   * Writes a batch and, if it closes the job, ends the claim; both or nothing. Renews the lease. A batch that was written
   * already, and whose answer was lost, is not written again: the answer is the same.
   */
  const commit = async (holder: Holder, batch: Batch): Promise<Committed> => {
    // The second is a statement of its own, begun after the one that waited for an earlier attempt to end.
    const status = (await commitBatch(prisma, holder, batch)) ?? (await findWritten(prisma, holder, batch.id))
    return status ? { status } : null
  }

  /** The loss of a stored epoch. @throws if it is not there */
  const lossOf = async (jobId: string, epoch: number): Promise<number> => {
    const { loss } = await prisma.epoch.findUniqueOrThrow({ where: { jobId_epoch: { jobId, epoch } }, select: { loss: true } })
    return loss
  }

  return { claim, heartbeat, commit, lossOf }
}

export type LeaseRepository = ReturnType<typeof createLeaseRepository>

/** How often a claim looks for a job if the number of a tenant's is limited. */
const maxLooks = 3

const emptyBatch = { epochs: [], state: null, fraction: 0, engine: null, events: [] }

const unreadable: Closing = {
  to: 'failed',
  code: 'INTERNAL',
  message: 'What is stored of the job cannot be read; the log of the worker says why.',
}
