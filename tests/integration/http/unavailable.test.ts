/** What clients hear while the database is away, hangs, is locked or full: on every route the same, and soon. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { composeApi } from '../../../src/compose-api.ts'
import { channels } from '../../../src/contracts/queue.ts'
import type { App } from '../../../src/http/types.ts'
import { createDatabase, type Database } from '../../../src/platform/db/database-client.ts'
import { createNotifications, type Notifications } from '../../../src/platform/db/notifications.ts'
import { promptLimits } from '../../../src/platform/pool.ts'
import { type Answer, assertProblem } from '../../support/api.ts'
import { type DocumentedRequest, documentedRequests, type OpenApi } from '../../support/documented-requests.ts'
import { openProxy } from '../../support/tcp-proxy.ts'
import { type Bench, notebook, openBench } from '../../support/worker.ts'

/** One request, as the OpenAPI document shows it by its examples. */
type Request = Pick<DocumentedRequest, 'method' | 'url' | 'headers'> & { payload?: object | string | undefined }

let bench: Bench
let proxy: Awaited<ReturnType<typeof openProxy>>
let database: Database
let notifications: Notifications
let app: App
let requests: Request[]
let admin: pg.Client
before(async () => {
  bench = await openBench()
  admin = new pg.Client({ connectionString: bench.url })
  await admin.connect()
  proxy = await openProxy(bench.url)
  database = createDatabase(proxy.url, { limits: promptLimits })
  notifications = createNotifications(proxy.url, { channels: Object.values(channels) })
  app = await composeApi({
    infrastructure: { database, notifications, wakeUps: bench.wakeUps },
    config: { apiKeys: [{ tenant: 'default', secret: 'first' }], bodyLimit: 2 ** 20 },
  })
  requests = requestsOf(JSON.parse((await app.inject('/openapi.json')).body))
  assert.ok(requests.length > 20)
})
after(async () => {
  await app.close()
  await admin.end()
  await proxy.close()
  await notifications.close()
  await database.close()
  await bench.close()
})

// The catalog, like the pages, needs no database, and neither does what a key says of itself; /metrics says that there is none.
const requestsOf = (document: OpenApi): Request[] =>
  documentedRequests(document)
    .filter(({ route }) => route === '/readyz' || (route.startsWith('/v1/') && !['/v1/catalog', '/v1/keys/current'].includes(route)))
    .map(({ method, url, payload, headers }) => ({ method, url, payload, ...(headers ? { headers } : {}) }))

const send = async (request: Request): Promise<Answer> => {
  const { statusCode, headers, body } = await app.inject({ ...request, headers: { ...request.headers, authorization: 'Bearer first' } })
  return { status: statusCode, headers: headers as Record<string, string>, body: body ? JSON.parse(body) : undefined }
}

const assertUnavailable = (answer: Answer, what: string): void => {
  assert.equal(answer.status, 503, `${what}: ${JSON.stringify(answer.body)}`)
  assertProblem(answer, 503, 'UNAVAILABLE')
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/, what)
  assert.doesNotMatch(JSON.stringify(answer.body), /prisma|postgres|select|127\.|sqlstate/i)
}

const assertAllUnavailable = async (): Promise<void> => {
  const all = requests.concat(
    { method: 'POST', url: '/v1/jobs', payload: notebook(), headers: { 'idempotency-key': 'while-away' } },
    { method: 'POST', url: '/v1/losses/mse/evaluate', payload: lossCall, headers: { 'idempotency-key': 'while-away-too' } },
    { method: 'GET', url: '/v1/jobs/job_01kaf3m5d9v0q8c1x2y3z4w5a6/events', headers: { accept: 'text/event-stream' } },
    { method: 'GET', url: '/v1/events', headers: { accept: 'text/event-stream' } },
    { method: 'GET', url: '/v1/jobs/job_01kaf3m5d9v0q8c1x2y3z4w5a6?wait=60' },
  )
  const answers = await Promise.all(all.map(send))
  for (const [at, answer] of answers.entries()) assertUnavailable(answer, `${all[at]?.method} ${all[at]?.url}`)
}

const lossCall = { inputs: [{ shape: [1], values: [1] }], target: { shape: [1], values: [2] } }

const assertServes = async (): Promise<void> => {
  const { status, body } = await send({ method: 'POST', url: '/v1/jobs', payload: notebook() })
  assert.equal(status, 202, JSON.stringify(body))
}

describe('every route that needs the database answers 503 with Retry-After', { timeout: 60_000 }, () => {
  it('while the server is away, and serves again when it is back', async () => {
    await assertServes()
    proxy.cut()
    await assertAllUnavailable()
    assert.equal((await app.inject('/healthz')).statusCode, 200)
    assert.equal((await send({ method: 'GET', url: '/v1/catalog' })).status, 200)
    proxy.restore()
    await assertServes()
  })

  it('while every connection hangs, those that stand and new ones, and serves again when the network is back', async () => {
    await assertServes()
    proxy.hang()
    await assertAllUnavailable()
    proxy.restore()
    await assertServes()
  })

  it('while somebody holds locks on the tables', async () => {
    await admin.query(
      'begin; lock table "Job", "JobMetric", "Event", "Dataset", "Sweep", "Model", "Call", "Upload", "UploadPart", "Import", "Trainer", "TrainerOperation", "Prediction", "Secret", "Webhook", "Delivery", "WebhookSecret", "ApiKey", "IdempotencyKey", "_prisma_migrations" in access exclusive mode',
    )
    await assertAllUnavailable()
    await admin.query('rollback')
    await assertServes()
  })

  it('while the server lets nobody in', async () => {
    const name = new URL(bench.url).pathname.slice(1)
    const other = new pg.Client({ connectionString: Object.assign(new URL(bench.url), { pathname: '/postgres' }).href })
    await other.connect()
    await other.query(`alter database ${name} allow_connections false`)
    await other.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and application_name = 'trainyard'`)
    await assertAllUnavailable()
    await other.query(`alter database ${name} allow_connections true`)
    await other.end()
    await assertServes()
  })
})

it('a call whose answer can no longer be read is a 503, not a wait until its end', { timeout: 60_000 }, async () => {
  const waiting = send({ method: 'POST', url: '/v1/losses/mse/evaluate', payload: lossCall })
  while ((await bench.database.prisma.inferenceRequest.count()) === 0) await new Promise(setImmediate)
  proxy.cut()
  assertUnavailable(await waiting, 'the call')
  proxy.restore()
})

it('a job that is waited for is a 503 when the database goes away meanwhile', { timeout: 60_000 }, async () => {
  const { body: job } = await send({ method: 'POST', url: '/v1/jobs', payload: notebook() })
  const waiting = send({ method: 'GET', url: `/v1/jobs/${job.id}?wait=60` })
  // A later request on the same connections is answered once that one has read its row.
  await send({ method: 'GET', url: `/v1/jobs/${job.id}` })
  proxy.cut()
  assertUnavailable(await waiting, 'the wait')
  proxy.restore()
})

for (const [code, what] of [
  ['53100', 'the disk is full'],
  ['53200', 'memory is short'],
  ['53300', 'there are too many connections'],
  ['57014', 'the statement was cancelled'],
  ['57P01', 'the server is being shut down'],
  ['57P03', 'the server is starting'],
  ['58030', 'a file cannot be written'],
  ['40P01', 'two transactions wait for each other'],
  ['25006', 'the server has become a standby'],
] as const)
  it(`a write that fails because ${what} is a 503`, async () => {
    await admin.query(`
      create function fail() returns trigger language plpgsql as $$ begin raise exception 'it failed' using errcode = '${code}'; end $$;
      create trigger fail before insert on "Job" for each row execute function fail()`)
    try {
      assertUnavailable(await send({ method: 'POST', url: '/v1/jobs', payload: notebook() }), code)
    } finally {
      await admin.query('drop function fail cascade')
    }
    await assertServes()
  })

it('a call is a 503 where its worker can get no connection, though the API has its own', { timeout: 60_000 }, async () => {
  const name = new URL(bench.url).pathname.slice(1)
  const other = new pg.Client({ connectionString: Object.assign(new URL(bench.url), { pathname: '/postgres' }).href })
  await other.connect()
  await assertServes()
  await other.query(`alter database ${name} allow_connections false`)
  for (const [url, payload] of [
    ['/v1/losses/mse/evaluate', lossCall],
    ['/v1/initializers/normal/sample', { shape: [2, 2] }],
  ] as const)
    assertUnavailable(await send({ method: 'POST', url, payload }), url)
  await other.query(`alter database ${name} allow_connections true`)
  await other.end()
})
