import type { HeldStatus } from '../../../contracts/lifecycle.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { type Holder, isHeldBy, leaseEnd } from './held.ts'

/** Renews a lease. Gives the job's status; undefined if the lease is lost. */
export const renewLease = async (client: DatabaseClient, holder: Holder): Promise<HeldStatus | undefined> => {
  const rows = await client.$queryRaw<{ status: HeldStatus }[]>`
    update "Job" set "leaseUntil" = ${leaseEnd} where ${isHeldBy(holder)} returning status`
  return rows[0]?.status
}
