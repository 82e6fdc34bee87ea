/** Statements that come again keep their plan: one that was made while a table was small has to do for a large one, too. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { claimJob } from '../../../src/features/jobs/sql/claim.ts'
import { findRunnable } from '../../../src/features/jobs/sql/find-runnable.ts'
import { placeJobs } from '../../../src/features/jobs/sql/place.ts'
import { createDatabase, type Database, type DatabaseClient } from '../../../src/platform/db/database-client.ts'
import { storeDataset, storeJob } from '../../support/jobs.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

let server: TestDatabase
let database: Database
beforeEach(async () => {
  server = await createTestDatabase()
})
afterEach(async () => {
  await database.close()
  await server.close()
})

/** One connection with this setting. */
const connect = (planCacheMode: 'auto' | 'force_generic_plan'): void => {
  const options = encodeURIComponent(`-c plan_cache_mode=${planCacheMode} -c random_page_cost=1.1`)
  database = createDatabase(`${server.url}${server.url.includes('?') ? '&' : '?'}options=${options}`, { poolSize: 1 })
}

/** Uses of a statement by which it has a name, and its plan is made. */
const untilKept = 3
const queued = 20_000
/** Uses by which PostgreSQL, which plans for the values of the first five, has decided whether one plan does for all. */
const untilDecided = 20

/** Works on a queue of a handful of jobs. */
const storeFew = async (): Promise<Record<string, (client: DatabaseClient) => Promise<unknown>>> => {
  const datasetId = await storeDataset(database)
  const ids: string[] = []
  for (let index = 0; index < 2 * untilDecided; index += 1) ids.push(await storeJob(database, datasetId, { tenant: `t${index % 3}` }))
  const [first = ''] = ids
  return {
    claim: (client) => claimJob(client, ['cpu', 'any'], null),
    runnable: (client) => findRunnable(client, { gpu: false, limit: 100, maxRunning: null }),
    place: (client) => placeJobs(client, 't0', [first], null),
  }
}

const queueMore = async (): Promise<void> => {
  await database.prisma.$executeRaw`
    insert into "Job" (id, tenant, status, config, "datasetId", epochs, device)
    select 'job_more_' || number, 't' || number % 3, 'queued', '{}'::jsonb, (select id from "Dataset" limit 1), 1, 'any'
    from generate_series(1, ${queued}::int) as number`
}

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
    connect('force_generic_plan')
    const works = await storeFew()
    for (const work of Object.values(works)) for (let use = 0; use < untilKept; use += 1) await work(database.prisma)
    await queueMore()
    for (const [name, work] of Object.entries(works)) {
      const rows = await rowsSeenBy(work)
      assert.ok(rows < queued / 10, `${name} looked at ${rows} rows`)
    }
  })

  it('a long queue is not planned for anew by each who claims, or asks for the place of a job', async () => {
    connect('auto')
    const works = await storeFew()
    await queueMore()
    await database.prisma.$executeRaw`analyze`
    for (const work of Object.values(works)) for (let use = 0; use < untilDecided; use += 1) await work(database.prisma)
    const planned = await database.prisma.$queryRaw<{ statement: string; anew: number }[]>`
      select left(statement, 200) as statement, custom_plans::int as anew from pg_prepared_statements where statement like '%"JobIndex"%'`
    assert.equal(planned.length, Object.keys(works).length)
    for (const { statement, anew } of planned) assert.ok(anew < untilDecided / 2, `planned ${anew} times: ${statement}`)
  })
})
