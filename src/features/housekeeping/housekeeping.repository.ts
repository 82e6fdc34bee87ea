import { Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import { removeLarge } from '../../platform/db/remove-large.ts'
import { rememberedHours } from '../idempotency/remembered.ts'

/** Nobody waits for an inference request any more after this time. */
const callSeconds = 60

type Collaborators = {
  database: Pick<Database, 'prisma' | 'transaction'>
  /** Removes unused datasets after an id; gives where to go on, '' at the end. */
  sweepDatasets: (client: DatabaseClient, after: string) => Promise<{ removed: number; last: string }>
  /** Goes on with jobs whose deletion was broken off. */
  discardJobs: (database: Pick<Database, 'prisma' | 'transaction'>) => Promise<{ removed: number; more: boolean }>
  /** Takes away some of the jobs, sweeps and trainers that ended too long ago. */
  retention: {
    removeOld: () => Promise<{ removed: number; more: boolean }>
    removeOldSweeps: () => Promise<{ removed: number; more: boolean }>
    removeOldTrainers: () => Promise<{ removed: number; more: boolean }>
  }
  /** Sets the counts of the next tenant right; gives where to go on, '' at the end. */
  recountTenant: (database: Pick<Database, 'transaction'>, after: string) => Promise<{ wrong: boolean; last: string }>
  /** Gives up uploads whose process died. */
  giveUpUploads: (client: DatabaseClient) => Promise<number>
  /** Deletes some datasets whose time is over. */
  removeExpired: () => Promise<{ removed: number; more: boolean }>
  /** Deletes some of what uploads in parts left. */
  removeUploads: () => Promise<{ removed: number; more: boolean }>
  /** Deletes some of the imports that were over long ago. */
  removeImports: () => Promise<{ removed: number; more: boolean }>
  /** Deletes some of what webhooks were told long ago. */
  removeDeliveries: () => Promise<{ removed: number; more: boolean }>
  removePredictions: () => Promise<{ removed: number; more: boolean }>
  /** Deletes some of what datasets hold that nobody sees. */
  removeParts: (database: Pick<Database, 'prisma' | 'transaction'>) => Promise<{ removed: number; more: boolean }>
  /** Removes chunks after a hash that no dataset refers to; gives where to go on, empty at the end. */
  sweepChunks: (database: Pick<Database, 'prisma' | 'transaction'>, after: Uint8Array) => Promise<{ removed: number; last: Uint8Array }>
}

/** Deletes what nobody will ask for again, a bounded number of rows at a time; others that sweep too take other rows. */
export const createHousekeepingRepository = ({
  database: { prisma, transaction },
  sweepDatasets,
  discardJobs,
  retention,
  recountTenant,
  giveUpUploads,
  removeExpired,
  removeUploads,
  removeImports,
  removeDeliveries,
  removePredictions,
  removeParts,
  sweepChunks,
}: Collaborators) => {
  /** Idempotency keys that are too old; the answers that they keep may be large. */
  const keys = async (): Promise<{ removed: number; more: boolean }> => {
    const removed = await removeLarge(prisma, {
      table: Prisma.sql`"IdempotencyKey"`,
      size: Prisma.sql`coalesce(pg_column_size(body), 0)`,
      which: Prisma.sql`"createdAt" < now() - ${rememberedHours} * interval '1 hour'`,
    })
    return { removed, more: removed > 0 }
  }

  /** Inference requests whose API process died before it read the answer. */
  const inferenceRequests = async (): Promise<{ removed: number; more: boolean }> => {
    const removed = await removeLarge(prisma, {
      table: Prisma.sql`"Call"`,
      size: Prisma.sql`pg_column_size(request) + coalesce(pg_column_size(response), 0)`,
      which: Prisma.sql`"createdAt" < now() - ${callSeconds} * interval '1 second'`,
    })
    return { removed, more: removed > 0 }
  }

  /** Datasets that only jobs kept alive, the next thousand after `after`. */
  const datasets = (after: string): Promise<{ removed: number; last: string }> => transaction((tx) => sweepDatasets(tx, after))

  /** Jobs whose deletion was broken off. */
  const jobs = (): Promise<{ removed: number; more: boolean }> => discardJobs({ prisma, transaction })

  /** Counts of a tenant's jobs. */
  const counts = (after: string): Promise<{ wrong: boolean; last: string }> => recountTenant({ transaction }, after)

  /** Uploads that were left half stored. */
  const uploads = (): Promise<number> => giveUpUploads(prisma)

  /** Cells and levels of what was given up or deleted, as much as one statement takes. */
  const parts = (): Promise<{ removed: number; more: boolean }> => removeParts({ prisma, transaction })

  /** Chunks whose last dataset went with a process that died. */
  const chunks = (after: Uint8Array): Promise<{ removed: number; last: Uint8Array }> => sweepChunks({ prisma, transaction }, after)

  return {
    keys,
    inferenceRequests,
    jobs,
    oldJobs: retention.removeOld,
    oldSweeps: retention.removeOldSweeps,
    oldTrainers: retention.removeOldTrainers,
    counts,
    uploads,
    expired: removeExpired,
    uploadParts: removeUploads,
    imports: removeImports,
    deliveries: removeDeliveries,
    predictions: removePredictions,
    parts,
    chunks,
    datasets,
  }
}

export type HousekeepingRepository = ReturnType<typeof createHousekeepingRepository>
