/** A database of the test's own with one dataset, and what a worker does to jobs in it, without a worker. */
import assert from 'node:assert/strict'
import { createLeaseRepository } from '../../src/features/jobs/lease.repository.ts'
import type { Claim } from '../../src/features/jobs/lease.ts'
import { createRecoveryRepository } from '../../src/features/jobs/recovery.repository.ts'
import { createDatabase } from '../../src/platform/db/database-client.ts'
import { type StoredJob, storeDataset, storeJob } from './jobs.ts'
import { createTestDatabase } from './postgres.ts'

export const openLeaseBench = async () => {
  const server = await createTestDatabase()
  const database = createDatabase(server.url)
  const lease = createLeaseRepository(database)
  const dataset = await storeDataset(database)
  return {
    url: server.url,
    database,
    lease,
    recovery: createRecoveryRepository(database),
    store: (job: StoredJob = {}) => storeJob(database, dataset, job),
    claim: async (): Promise<Claim> => {
      const claimed = await lease.claim({ gpu: false })
      assert.ok(claimed, 'a job is runnable')
      return claimed
    },
    row: (id: string) => database.prisma.job.findUniqueOrThrow({ where: { id } }),
    /** Lets a claim's time run out. */
    runOut: (id: string) => database.prisma.$executeRaw`update "Job" set "leaseUntil" = now() - interval '1 second' where id = ${id}`,
    close: async () => {
      await database.close()
      await server.close()
    },
  }
}
export type LeaseBench = Awaited<ReturnType<typeof openLeaseBench>>
