/** A request with an Idempotency-Key does what it does once, also where the process or the connection dies in the middle. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, it } from 'node:test'
import pg from 'pg'
import { composeApi } from '../../../src/compose-api.ts'
import { createIdempotencyRepository } from '../../../src/features/idempotency/idempotency.repository.ts'
import type { App } from '../../../src/http/types.ts'
import { createDatabase, type Database } from '../../../src/platform/db/database-client.ts'
import { promptLimits } from '../../../src/platform/pool.ts'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { openProxy } from '../../support/tcp-proxy.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
let proxy: Awaited<ReturnType<typeof openProxy>>
/** Another process of the same service, whose way to the database can be cut. */
let cuttable: App
let database: Database
let admin: pg.Client
before(async () => {
  api = await openTestApi()
  proxy = await openProxy(api.bench.url)
  database = createDatabase(proxy.url, { limits: promptLimits })
  cuttable = await composeApi({ infrastructure: { ...api.bench, database }, config: { apiKeys: [], bodyLimit: 2 ** 20 } })
  admin = new pg.Client({ connectionString: api.bench.url })
  await admin.connect()
})
after(async () => {
  await cuttable.close()
  await database.close()
  await proxy.close()
  await admin.end()
  await api.close()
})

const sweep = { base: notebook(), grid: { 'optimizer.learningRate': [0.1, 0.2] } }
const csv = 'x,y\n1,2\n2,4\n'

/** A lock that every commit waits for that stores a row of this table. */
const holdCommits = async (table: string): Promise<{ reached: () => Promise<void>; release: () => Promise<void> }> => {
  await admin.query(`
    create function wait() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(77); return null; end $$;
    create constraint trigger wait after insert or update on "${table}" deferrable initially deferred for each row execute function wait();
    select pg_advisory_lock(77)`)
  return {
    reached: async () => {
      const waiting = `select from pg_locks where locktype = 'advisory' and objid = 77 and not granted`
      while ((await admin.query(waiting)).rowCount === 0) await new Promise(setImmediate)
    },
    release: async () => {
      await admin.query('select pg_advisory_unlock(77)')
      // Waits for the transaction that the lock held up.
      await admin.query(`drop trigger wait on "${table}"; drop function wait`)
    },
  }
}

for (const [what, { url, payload, type = 'application/json', table, status, count }] of Object.entries({
  'a job': { url: '/v1/jobs', payload: notebook(), table: 'Job', status: 202, count: () => api.bench.database.prisma.job.count() },
  'a dataset of JSON': {
    url: '/v1/datasets',
    payload: { features: [[1], [2]], labels: [[2], [4]] },
    table: 'Dataset',
    status: 201,
    count: () => api.bench.database.prisma.dataset.count(),
  },
  'an uploaded CSV': {
    url: '/v1/datasets?labels=y',
    payload: csv,
    type: 'text/csv',
    table: 'Dataset',
    status: 201,
    count: () => api.bench.database.prisma.dataset.count(),
  },
  'a sweep': { url: '/v1/sweeps', payload: sweep, table: 'Sweep', status: 202, count: () => api.bench.database.prisma.sweep.count() },
} as Record<string, { url: string; payload: object | string; type?: string; table: string; status: number; count: () => Promise<number> }>))
  it(`${what} whose commit was cut off is found by the repeat, and is there once`, { timeout: 60_000 }, async () => {
    const before = await count()
    const headers = { 'content-type': type, 'idempotency-key': `cut off: ${what}` }
    const hold = await holdCommits(table)
    const first = cuttable.inject({ method: 'POST', url, payload, headers })
    await hold.reached()
    proxy.cut()
    assert.equal((await first).statusCode, 503)
    await hold.release()
    proxy.restore()
    const repeat = await api.post(url, payload, headers)
    assert.equal(repeat.status, status, JSON.stringify(repeat.body))
    assert.equal(await count(), before + 1)
    assert.equal(repeat.headers['idempotent-replayed'], 'true')
    const { location = '' } = repeat.headers
    assert.ok(location.endsWith(repeat.body.id), location)
    const { status: found, body } = await api.get(location)
    assert.equal(found, 200)
    assert.deepEqual(repeat.body, body)
    assertProblem(
      await api.post(`${url.split('?')[0]}`, { other: 1 }, { 'idempotency-key': headers['idempotency-key'] }),
      422,
      'IDEMPOTENCY_MISMATCH',
    )
  })

it('an action whose commit was cut off is not done again by the repeat, which gets the job', { timeout: 60_000 }, async () => {
  const { id } = await api.submit()
  const request = { method: 'POST', url: `/v1/jobs/${id}/cancel`, headers: { 'idempotency-key': 'cut off: cancel' } } as const
  const hold = await holdCommits('Job')
  const first = cuttable.inject(request)
  await hold.reached()
  proxy.cut()
  assert.equal((await first).statusCode, 503)
  await hold.release()
  proxy.restore()
  const repeat = await api.send(request)
  assert.equal(repeat.status, 200, JSON.stringify(repeat.body))
  assert.equal(repeat.body.status, 'cancelled')
})

it('what was made and has been deleted since is not made again', async () => {
  const key = { 'idempotency-key': 'deleted since' }
  const { body: dataset } = await api.post('/v1/datasets', { features: [[1]], labels: [[2]] }, key)
  // As a process leaves it that dies before it answers.
  await admin.query(`update "IdempotencyKey" set body = null where key = 'deleted since'`)
  await api.remove(`/v1/datasets/${dataset.id}`)
  assertProblem(await api.post('/v1/datasets', { features: [[1]], labels: [[2]] }, key), 404, 'NOT_FOUND')
})

it('a key is held while its process lives, and free soon after its process died', async () => {
  const keys = createIdempotencyRepository(api.bench.database)
  const holder = { tenant: 'default', key: 'left behind', token: randomUUID() }
  assert.equal(await keys.reserve(holder), true)
  const repeat = () => api.post('/v1/jobs', notebook(), { 'idempotency-key': holder.key })
  assertProblem(await repeat(), 409, 'IDEMPOTENCY_IN_PROGRESS')
  const { rows } = await admin.query(
    `select "leaseUntil" - clock_timestamp() <= interval '15 seconds' as soon from "IdempotencyKey" where key = $1`,
    [holder.key],
  )
  assert.equal(rows[0].soon, true)
  await admin.query(`update "IdempotencyKey" set "leaseUntil" = now() - interval '1 second' where key = $1`, [holder.key])
  await keys.renew([holder.token])
  assertProblem(await repeat(), 409, 'IDEMPOTENCY_IN_PROGRESS')
  await admin.query(`update "IdempotencyKey" set "leaseUntil" = now() - interval '1 second' where key = $1`, [holder.key])
  assert.equal((await repeat()).status, 202)
})

it('a request whose key was taken over while it ran stores nothing', { timeout: 60_000 }, async () => {
  const jobs = await api.bench.database.prisma.job.count()
  await admin.query('begin; lock table "Job" in share row exclusive mode')
  const first = cuttable.inject({ method: 'POST', url: '/v1/jobs', payload: notebook(), headers: { 'idempotency-key': 'taken over' } })
  const reserved = `select from "IdempotencyKey" where key = 'taken over'`
  while ((await api.bench.database.prisma.$queryRawUnsafe<unknown[]>(reserved)).length === 0) await new Promise(setImmediate)
  // Its process seemed dead, and another one holds the key now.
  await api.bench.database.prisma.$executeRaw`update "IdempotencyKey" set token = gen_random_uuid() where key = 'taken over'`
  await admin.query('rollback')
  const { statusCode, body } = await first
  assert.equal(statusCode, 409, body)
  assert.equal(JSON.parse(body).code, 'IDEMPOTENCY_IN_PROGRESS')
  assert.equal(await api.bench.database.prisma.job.count(), jobs)
})
