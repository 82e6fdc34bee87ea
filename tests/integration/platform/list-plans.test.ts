/** What PostgreSQL does for a page of a list, on tables that are filled: it reads an index and sorts nothing. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { JobFilter } from '../../../src/features/jobs/job.ts'
import { newestJobs } from '../../../src/features/jobs/sql/list.ts'
import { sortedJobs } from '../../../src/features/jobs/sql/sorted.ts'
import { findIds, newestIds, newestWithMetadata } from '../../../src/features/page.repository.ts'
import { Prisma } from '../../../src/generated/prisma/client.ts'
import { createDatabase, type Database } from '../../../src/platform/db/database-client.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

const rows = 20_000
const page = { limit: 20 }
const middle = `id_${String(rows / 2).padStart(8, '0')}`

let server: TestDatabase
let database: Database
before(async () => {
  server = await createTestDatabase()
  database = createDatabase(server.url)
  const { prisma } = database
  const id = `'id_' || lpad(n::text, 8, '0')`
  const tenant = `case when n % 50 = 0 then 'small' else 'large' end`
  await prisma.$executeRawUnsafe(`
    insert into "Dataset" (id, tenant, kind, columns, rows, "contentHash", metadata)
    select ${id}, ${tenant}, 'upload', '[]', 1, '', jsonb_build_object('run', n, 'owner', 'ann') from generate_series(1, ${rows}) n`)
  await prisma.$executeRawUnsafe(`
    insert into "Sweep" (id, tenant, request) select ${id}, ${tenant}, '{}' from generate_series(1, ${rows}) n`)
  await prisma.$executeRawUnsafe(`
    insert into "Job" (id, tenant, status, config, "datasetId", epochs, metadata)
    select ${id}, ${tenant}, case when n % 20 = 1 then 'failed' else 'succeeded' end, '{}', ${id}, 1,
      jsonb_build_object('run', n, 'name', 'run ' || n, 'owner', 'ann') from generate_series(1, ${rows}) n`)
  await prisma.$executeRawUnsafe(`
    insert into "JobMetric" ("jobId", metric, tenant, best, worst, last)
    select id, metric, tenant, random(), random(), random() from "Job" cross join unnest(array['loss', 'accuracy']) as metric`)
  // As autovacuum does, which also brings what was inserted last into the index on metadata.
  await prisma.$executeRawUnsafe('vacuum analyze')
})
after(async () => {
  await database.close()
  await server.close()
})

const planOf = async (query: Prisma.Sql): Promise<string> => {
  const lines = await database.prisma.$queryRawUnsafe<{ 'QUERY PLAN': string }[]>(`explain ${query.text}`, ...query.values)
  return lines.map((line) => line['QUERY PLAN']).join('\n')
}

describe('a page of a list', () => {
  for (const table of ['Dataset', 'Job', 'Sweep'] as const)
    for (const after of [undefined, middle])
      test(`a page of a list of "${table}" ${after ? 'after an id ' : ''}is read off the index on tenant and id`, async () => {
        const shown = table === 'Dataset' ? Prisma.sql`"deletedAt" is null` : undefined
        const plan = await planOf(newestIds(table, 'small', { ...page, after }, shown))
        assert.match(plan, new RegExp(`Index (Only )?Scan Backward using "${table}_(tenant_id|listed)_idx"`))
        assert.doesNotMatch(plan, /Sort|Filter/)
      })

  test('a page of a list of jobs of one status is read off the index on tenant, status and id', async () => {
    const plan = await planOf(newestJobs('large', { statuses: ['failed'], metadata: {} }, page))
    assert.match(plan, /using "JobIndex_tenant_status_id_idx"/)
    assert.doesNotMatch(plan, /Sort|Filter/)
  })
})

describe('a page of jobs that are sorted by a metric', () => {
  const columns = [
    ['loss', 'best', 'best'],
    ['loss', 'min', 'best'],
    ['loss', 'max', 'worst'],
    ['loss', 'last', 'last'],
    ['accuracy', 'min', 'worst'],
    ['accuracy', 'max', 'best'],
  ] as const
  for (const [metric, of, column] of columns)
    for (const after of [undefined, { value: 0.5, id: middle }])
      test(`a page of jobs by the ${of} ${metric} ${after ? 'after one of them ' : ''}is read off the index of it`, async () => {
        for (const descending of [false, true]) {
          const plan = await planOf(sortedJobs('small', { metric, of, descending, after }, page, null))
          assert.match(plan, new RegExp(`Index (Only )?Scan (Backward )?using "JobMetric_tenant_metric_${column}_jobId_idx"`))
          assert.doesNotMatch(plan, /Sort|Filter/)
        }
      })
})

describe('datasets with some metadata', () => {
  const query = (metadata: Record<string, string>) =>
    newestWithMetadata('Dataset', 'large', metadata, page, Prisma.sql`"deletedAt" is null`)

  test('datasets with some metadata that few have are read off the index on it, by number or text', async () => {
    const plan = await planOf(query({ run: '77' }))
    assert.match(plan, /"Dataset_metadata_idx"/)
    assert.deepEqual(await findIds(database.prisma, query({ run: '77', owner: 'ann' })), ['id_00000077'])
    assert.deepEqual(await findIds(database.prisma, query({ run: '77', owner: 'bob' })), [])
  })

  test('datasets with some metadata that many have are read in order', async () => {
    const plan = await planOf(query({ owner: 'ann' }))
    assert.match(plan, /Index Scan Backward using "Dataset_(tenant_id|listed)_idx"/)
    assert.doesNotMatch(plan, /Sort/)
  })
})

describe('jobs with some metadata', () => {
  const ids = (metadata: JobFilter['metadata']): Promise<string[]> => findIds(database.prisma, newestJobs('large', { metadata }, page))

  const searches: JobFilter['metadata'][] = [{ name: 'run 77' }, { run: '77' }, { run: '77', name: 'run 77' }]
  for (const metadata of searches)
    test(`jobs with some metadata are found by the index on it: ${JSON.stringify(metadata)}`, async () => {
      assert.match(await planOf(newestJobs('large', { metadata }, page)), /using "JobMetadata_pkey"/)
      assert.deepEqual(await ids(metadata), ['id_00000077'])
    })

  test('jobs with some metadata are found by a number as it is spelled or as it is stored, and by whole values alone', async () => {
    assert.deepEqual(await ids({ run: '7.7e1' }), ['id_00000077'])
    assert.deepEqual(await ids({ run: '7' }), ['id_00000007'])
    assert.deepEqual(await ids({ name: 'run' }), [])
    assert.deepEqual(await ids({ owner: 'ann', name: 'run 100' }), [], 'another tenant has it')
  })

  test('jobs with some metadata that many jobs have are read in order', async () => {
    const newest = await ids({ owner: 'ann' })
    assert.equal(newest[0], 'id_00019999')
    assert.deepEqual(newest, newest.toSorted().toReversed())
    assert.equal(newest.length, page.limit + 1)
  })
})
