import { Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { firstInQueue, lineOfTenants, type QueueDevice } from './waiting-tenants.ts'

/** Ids of jobs that a worker may take: those of the tenant whose turn it is come first. `gpu`: those that ask for one too. */
export const findRunnable = async (
  client: DatabaseClient,
  { gpu, limit, maxRunning }: { gpu: boolean; limit: number; maxRunning: number | null },
): Promise<string[]> => {
  const devices: QueueDevice[] = ['any', 'cpu', ...(gpu ? (['gpu'] as const) : [])]
  const rows = await client.$queryRaw<{ id: string }[]>`
    with recursive ${lineOfTenants(maxRunning)}
    select head.id from (select tenant from line order by turn, used, tenant) as line
      cross join lateral (${firstInQueue(Prisma.sql`line.tenant`, devices, limit)}) as head limit ${Prisma.raw(String(limit))}`
  return rows.map(({ id }) => id)
}
