import { runnableStatus } from '../../../contracts/lifecycle.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'

/** Places of these jobs among the tenant's own that wait, by priority and age, 1 being next: those of others are nobody's business. */
export const placeJobs = async (client: DatabaseClient, tenant: string, ids: readonly string[]): Promise<Map<string, number>> => {
  if (ids.length === 0) return new Map()
  const rows = await client.$queryRaw<{ id: string; position: number }[]>`
    select id, position from (
      select id, row_number() over (order by priority desc, "queuedAt", id)::int as position
      from "Job" where status = ${runnableStatus} and tenant = ${tenant}
    ) as queue where id = any(${ids})`
  return new Map(rows.map(({ id, position }) => [id, position]))
}
