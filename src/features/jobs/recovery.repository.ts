/** Jobs whose worker is gone: their lease ran out, by the database's clock. */
import type { Database } from '../../platform/db/database-client.ts'
import { findRunnable } from './sql/find-runnable.ts'
import { type FreedJob, recoverJobs } from './sql/recover.ts'
import { sweepBlobs } from './sql/sweep-blobs.ts'

/** The reconciler's statements over one database; several workers may run them at the same time. */
export const createRecoveryRepository = ({ prisma }: Pick<Database, 'prisma'>, maxRunning?: number) => ({
  /**
   * Frees every job whose lease ran out: it is queued again (or failed, the third time without a new checkpoint
   * in between), and one that was being cancelled or paused is cancelled or paused.
   */
  freeAbandoned: (): Promise<FreedJob[]> => recoverJobs(prisma),

  /** Jobs that a worker may take, those of the tenant whose turn it is first; at most `limit` ids. `gpu`: those that ask for one too. */
  runnable: (options: { gpu: boolean; limit: number }): Promise<string[]> =>
    findRunnable(prisma, { ...options, maxRunning: maxRunning ?? null }),

  /** Deletes values that no checkpoint and no tensor refers to and that no worker is still writing; at most `limit` blobs. Says how many. */
  sweepBlobs: (limit: number): Promise<number> => sweepBlobs(prisma, limit),
})

export type RecoveryRepository = ReturnType<typeof createRecoveryRepository>
