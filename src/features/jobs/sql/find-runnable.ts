import { runnableStatus } from '../../../contracts/lifecycle.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'

/** Ids of jobs that wait for a worker, by priority and age; `gpu`: those that ask for one too. */
export const findRunnable = async (client: DatabaseClient, { gpu, limit }: { gpu: boolean; limit: number }): Promise<string[]> => {
  const rows = await client.$queryRaw<{ id: string }[]>`
    select id from "Job" where status = ${runnableStatus} and (${gpu} or config->>'device' is distinct from 'gpu')
    order by priority desc, "queuedAt" limit ${limit}`
  return rows.map(({ id }) => id)
}
