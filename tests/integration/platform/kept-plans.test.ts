/** Statements that come again keep their plan: one that was made while a table was small has to do for a large one, too. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { claimJob } from '../../../src/features/jobs/sql/claim.ts'
import { findRunnable } from '../../../src/features/jobs/sql/find-runnable.ts'
import { placeJobs } from '../../../src/features/jobs/sql/place.ts'
import { createDatabase, type Database, type DatabaseClient } from '../../../src/platform/db/database-client.ts'
import { storeDataset, storeJob } from '../../support/jobs.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

let server: TestDatabase
let database: Database
before(async () => {
  server = await createTestDatabase()
  // One connection, which keeps a plan for all values of each statement, as PostgreSQL may decide to.
  const options = encodeURIComponent('-c plan_cache_mode=force_generic_plan -c random_page_cost=1.1')
  database = createDatabase(`${server.url}${server.url.includes('?') ? '&' : '?'}options=${options}`, { poolSize: 1 })
})
after(async () => {
  await database.close()
  await server.close()
})

/** Uses of a statement by which it has a name, and its plan is made. */
const untilKept = 3
const queued = 20_000

/** Rows of the queue that some work looked at. */
const rowsSeenBy = async (work: (client: DatabaseClient) => Promise<unknown>): Promise<number> =>
  database.transaction(async (tx) => {
    await work(tx)
    const [row] = await tx.$queryRaw<{ rows: number }[]>`
      select sum(pg_stat_get_xact_tuples_returned(oid))::int as rows from pg_class
      where oid in (select indexrelid from pg_index where indrelid in ('"JobIndex"'::regclass, '"Job"'::regclass)
        union all select '"JobIndex"'::regclass union all select '"Job"'::regclass)`
    return row?.rows ?? Number.NaN
  })

describe('plans that are kept', () => {
  it('the queue is not read as a whole once it has become long', async () => {
    const datasetId = await storeDataset(database)
    const ids: string[] = []
    for (let index = 0; index < 2 * untilKept; index += 1) ids.push(await storeJob(database, datasetId, { tenant: `t${index % 3}` }))
    const [first = ''] = ids
    const works: Record<string, (client: DatabaseClient) => Promise<unknown>> = {
      claim: (client) => claimJob(client, ['cpu', 'any'], null),
      runnable: (client) => findRunnable(client, { gpu: false, limit: 100, maxRunning: null }),
      place: (client) => placeJobs(client, 't0', [first], null),
    }
    for (const work of Object.values(works)) for (let use = 0; use < untilKept; use += 1) await work(database.prisma)
    await database.prisma.$executeRaw`
      insert into "Job" (id, tenant, status, config, "datasetId", epochs, device)
      select 'job_more_' || number, 't' || number % 3, 'queued', '{}'::jsonb, ${datasetId}, 1, 'any' from generate_series(1, ${queued}::int) as number`
    for (const [name, work] of Object.entries(works)) {
      const rows = await rowsSeenBy(work)
      assert.ok(rows < queued / 10, `${name} looked at ${rows} rows`)
    }
  })
})
