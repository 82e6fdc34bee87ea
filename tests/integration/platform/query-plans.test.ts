/**
 * What PostgreSQL does for every statement of the API, with 100,000 jobs stored: it reads no table from end to end, and little that it throws away.
 * The statements are those that the routes send, listened to at the driver.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import pg from 'pg'
import { beforeAllEvents } from '../../../src/features/events/event-position.ts'
import { createOutboxRepository } from '../../../src/features/events/outbox.repository.ts'
import { createLeaseRepository } from '../../../src/features/jobs/lease.repository.ts'
import { createRecoveryRepository } from '../../../src/features/jobs/recovery.repository.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { batch, report, stateAfter, success } from '../../support/batches.ts'
import { createTestDatabase } from '../../support/postgres.ts'
import { notebook } from '../../support/worker.ts'

/** Tables of a row for each tenant, worker or migration. */
const small = ['Tenant', 'Worker', '_prisma_migrations']
/** Rows that a statement may read and throw away. */
const mostRemoved = 200
/** Tables that are small here may be read as they are, unless that is the only way. */
const waysToPlan = ['enable_seqscan = off', 'enable_seqscan = on']

type Statement = { text: string; values: unknown[]; by: string }
type Plan = { 'Node Type': string; 'Relation Name'?: string; 'Actual Loops'?: number; Plans?: Plan[] } & Record<string, unknown>

const statements = new Map<string, Statement>()
let by = ''
const send = pg.Client.prototype.query

const listen = (): void => {
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first, second] = args as [string | { text?: string; values?: unknown[] }, unknown]
    const text = typeof first === 'string' ? first : (first?.text ?? '')
    const values = (typeof first === 'object' ? first.values : undefined) ?? (Array.isArray(second) ? second : [])
    if (by && /"[A-Z]\w+"/.test(text)) statements.set(`${by} ${text}`, { text, values, by })
    return (send as (...all: unknown[]) => unknown).apply(this, args)
  } as typeof send
}

let api: TestApi
let client: pg.Client
before(async () => {
  const stored = await createTestDatabase()
  const seeding = ['bench/seed-jobs.mjs', stored.url, '--jobs', '100000', '--queued', '20000', '--tenants', 'default,old,third,fourth']
  await promisify(execFile)(process.execPath, seeding)
  client = new pg.Client({ connectionString: stored.url })
  await client.connect()
  listen()
  api = await openTestApi({
    stored,
    maxQueuedJobs: 30_000,
    maxRunningJobs: 50,
    apiKeys: [
      { tenant: 'default', secret: 'own' },
      { tenant: 'old', secret: 'old' },
    ],
  })
})
after(async () => {
  pg.Client.prototype.query = send
  await client.end()
  await api.close()
})

const own = { authorization: 'Bearer own' }

/** A request of the tenant, its statements kept under `METHOD path`. */
const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object | string, headers: object = own) => {
  by = `${method} ${path}`
  const answer = await api.send({ method, url: path, headers: { ...headers }, ...(payload === undefined ? {} : { payload }) })
  by = ''
  assert.ok(answer.status < 400, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** A scan of a table that has rows here, or that no index could take the place of: then its cost is one that was to keep the planner from it. */
const isFault = (plan: Plan, table: string): boolean =>
  !small.includes(table) &&
  (plan.Disabled === true || Number(plan['Total Cost']) >= 1e9 || Number(plan['Actual Rows'] ?? plan['Plan Rows']) > mostRemoved)

/** What is wrong with a plan. */
const faultsOf = (plan: Plan): string[] => {
  const table = plan['Relation Name']
  const scan = plan['Node Type'] === 'Seq Scan' && table && isFault(plan, table) ? [`reads all of ${table}`] : []
  const removed = ['Rows Removed by Filter', 'Rows Removed by Join Filter', 'Rows Removed by Index Recheck'].flatMap((key) => {
    const rows = Number(plan[key] ?? 0) * (plan['Actual Loops'] ?? 1)
    return rows > mostRemoved ? [`${plan['Node Type']} of ${table}: ${rows} ${key.toLowerCase()}`] : []
  })
  return [...scan, ...removed, ...(plan.Plans ?? []).flatMap(faultsOf)]
}

/** Runs a statement once more, and takes back what it did; what cannot be done twice is only planned. */
const explain = async (statement: Statement): Promise<string[]> => {
  const faults: string[] = []
  for (const setting of waysToPlan) {
    await client.query(`set ${setting}`)
    const plan = await planOf(statement, 'analyze, timing off, ').catch(() => planOf(statement, ''))
    faults.push(...faultsOf(plan))
  }
  return [...new Set(faults)]
}

const planOf = async ({ text, values }: Statement, how: string): Promise<Plan> => {
  await client.query('begin')
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(`explain (${how}format json) ${text}`, values)
    return rows[0]?.['QUERY PLAN'][0]?.Plan ?? { 'Node Type': 'none' }
  } finally {
    await client.query('rollback')
  }
}

/** Events of all jobs: lists with each filter from each kind of place, and what streams read. */
const askForEvents = async (): Promise<void> => {
  const events = await ask('GET', '/v1/events?limit=1000')
  for (const filter of [
    '',
    'type=job.failed',
    'type=job.paused',
    'metadata[run]=77',
    'type=job.failed&type=job.queued&metadata[owner]=owner%203',
  ])
    for (const start of ['', `&after=${events.nextCursor}`, '&after=latest'])
      for (const key of ['own', 'old']) await ask('GET', `/v1/events?${filter}${start}`, undefined, { authorization: `Bearer ${key}` })
  by = 'tail'
  const outbox = createOutboxRepository(api.bench.database)
  for (let page = await outbox.read(beforeAllEvents, { limit: 500 }), turn = 0; turn < 2; turn++)
    page = await outbox.read(page.next, { limit: 500, push: true })
  by = ''
}

test('every route, filter, claim and commit is served by an index, with 100,000 jobs stored and 20,000 queued', async () => {
  const { data } = await ask('GET', '/v1/jobs?status=succeeded&limit=3')
  const [ended, other, third] = data as { id: string; dataset: { id: string }; createdAt: string }[]
  assert.ok(ended && other && third)
  const time = encodeURIComponent(third.createdAt)
  const filters = [
    'status=failed',
    'status=paused',
    'status=queued&status=running&status=failed',
    'metadata[owner]=owner%203',
    'metadata[run]=77',
    'metadata[run]=none',
    'metadata[owner]=owner%203&metadata[run]=7',
  ]
  const times = [`createdAfter=${time}`, `createdBefore=${time}`, 'createdBefore=2020-01-01T00:00:00Z', 'createdAfter=2099-01-01T00:00:00Z']
  for (const filter of [...filters, ...times, `after=${third.id}`, `status=failed&metadata[owner]=owner%203&createdBefore=${time}`]) {
    await ask('GET', `/v1/jobs?${filter}`)
    await ask('GET', `/v1/jobs?${filter}`, undefined, { authorization: 'Bearer old' })
  }
  for (const sort of ['loss', '-loss', 'batchLoss.last', '-validationLoss.last'])
    for (const filter of ['', ...filters, ...times]) await ask('GET', `/v1/jobs?sort=${sort}&${filter}`)
  for (const sort of ['loss', '-loss.last']) {
    const { nextCursor } = await ask('GET', `/v1/jobs?sort=${sort}&limit=2`)
    await ask('GET', `/v1/jobs?sort=${sort}&after=${nextCursor}`)
  }
  for (const list of ['jobs', 'datasets', 'sweeps', 'uploads', 'imports']) await ask('GET', `/v1/${list}`)
  for (const list of ['datasets', 'sweeps', 'imports']) for (const filter of times.slice(0, 3)) await ask('GET', `/v1/${list}?${filter}`)

  await askForEvents()
  const lease = createLeaseRepository(api.bench.database, 50)
  const recovery = createRecoveryRepository(api.bench.database, 50)
  const job = await ask('POST', '/v1/jobs', notebook({ priority: 5 }))
  await ask('GET', `/v1/jobs/${job.id}`)
  await ask('POST', `/v1/jobs/${job.id}/pause`)
  await ask('POST', `/v1/jobs/${job.id}/resume`)
  by = 'worker'
  const claim = await lease.claim({ gpu: false })
  assert.ok(claim)
  assert.equal(claim.jobId, job.id)
  await lease.heartbeat(claim)
  const done = { epochs: [report(1)], state: stateAfter(1), fraction: 1, events: [], closing: success }
  await lease.commit(claim, batch(done))
  await recovery.runnable({ gpu: false, limit: 100 })
  await recovery.freeAbandoned()
  await recovery.sweepBlobs(1)
  by = ''
  for (const part of ['', '?wait=1', '/epochs', '/epochs?maxPoints=2', '/gradients', '/histograms', '/histograms?of=gradients', '/events'])
    await ask('GET', `/v1/jobs/${job.id}${part}`)
  await ask('GET', `/v1/epochs?job=${job.id}&job=${ended.id}`)

  const dataset = await ask('POST', '/v1/datasets', {
    rows: [
      { x: 1, y: 2 },
      { x: 2, y: 3 },
    ],
  })
  for (const part of ['', '/rows', '/batch', '/correlations?label=y']) await ask('GET', `/v1/datasets/${dataset.id}${part}`)
  const upload = await ask('POST', '/v1/uploads', { contentType: 'text/csv' })
  await ask('PUT', `/v1/uploads/${upload.id}/parts/1`, 'x,y\n1,2\n', { ...own, 'content-type': 'application/octet-stream' })
  await ask('GET', `/v1/uploads/${upload.id}`)
  await ask('POST', `/v1/uploads/${upload.id}/complete`)
  const sweep = await ask('POST', '/v1/sweeps', { base: notebook(), grid: { 'training.seed': [1, 2] } })
  await ask('GET', '/v1/sweeps')
  await ask('GET', `/v1/sweeps/${sweep.id}`)
  await ask('POST', `/v1/sweeps/${sweep.id}/cancel`)
  await ask('DELETE', `/v1/sweeps/${sweep.id}`)
  await ask('DELETE', `/v1/jobs/${ended.id}`)
  await ask('DELETE', `/v1/jobs/${other.id}`)
  await ask('DELETE', `/v1/datasets/${dataset.id}`)
  await ask('GET', '/metrics')
  await ask('GET', '/readyz')

  const wrong: string[] = []
  for (const statement of statements.values()) {
    const faults = await explain(statement)
    if (faults.length > 0) wrong.push(`${statement.by}: ${faults.join(', ')}: ${statement.text.replace(/\s+/g, ' ').slice(0, 300)}`)
  }
  assert.ok(statements.size > 100, `${statements.size} statements`)
  assert.deepEqual(wrong, [])
})
