import type { Database, DatabaseClient } from '../../platform/db/database.ts'
import { rememberedHours } from '../idempotency/remembered.ts'

/** Rows deleted by one statement. */
const perStatement = 500

/** Nobody waits for a call any more after this time. */
const callSeconds = 60

type Collaborators = {
  database: Pick<Database, 'prisma' | 'transaction'>
  /** Removes unused datasets after an id; gives where to go on, '' at the end. */
  sweepDatasets: (client: DatabaseClient, after: string) => Promise<{ removed: number; last: string }>
  /** Gives up uploads whose process died. */
  giveUpUploads: (client: DatabaseClient) => Promise<number>
  /** Deletes some rows of datasets that nobody sees. */
  removeChunks: (client: DatabaseClient) => Promise<{ removed: number; more: boolean }>
}

/** Deletes what nobody will ask for again, a bounded number of rows at a time; others that sweep too take other rows. */
export const createHousekeepingRepository = ({
  database: { prisma, transaction },
  sweepDatasets,
  giveUpUploads,
  removeChunks,
}: Collaborators) => {
  /** Idempotency keys that are too old. */
  const keys = async (): Promise<{ removed: number; more: boolean }> => {
    const removed = await prisma.$executeRaw`
      delete from "IdempotencyKey" where (tenant, key) in (
        select tenant, key from "IdempotencyKey" where "createdAt" < now() - ${rememberedHours} * interval '1 hour'
        order by "createdAt" limit ${perStatement} for update skip locked
      )`
    return { removed, more: removed === perStatement }
  }

  /** Calls whose API process died before it read the answer. */
  const calls = async (): Promise<{ removed: number; more: boolean }> => {
    const removed = await prisma.$executeRaw`
      delete from "Call" where id in (
        select id from "Call" where "createdAt" < now() - ${callSeconds} * interval '1 second'
        order by "createdAt" limit ${perStatement} for update skip locked
      )`
    return { removed, more: removed === perStatement }
  }

  /** Datasets that only jobs kept alive, the next thousand after `after`. */
  const datasets = (after: string): Promise<{ removed: number; last: string }> => transaction((tx) => sweepDatasets(tx, after))

  /** Uploads that were left half stored. */
  const uploads = (): Promise<number> => giveUpUploads(prisma)

  /** Rows of what was given up or deleted, as many as one statement takes. */
  const chunks = (): Promise<{ removed: number; more: boolean }> => removeChunks(prisma)

  return { keys, calls, uploads, chunks, datasets }
}

export type HousekeepingRepository = ReturnType<typeof createHousekeepingRepository>
