/** What an operator's Prometheus reads. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { composeApi } from '../../../src/compose-api.ts'
import { createDatabase } from '../../../src/platform/db/database-client.ts'
import { type Answer, assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { success } from '../../support/batches.ts'
import { eventsOf, openStream } from '../../support/event-stream.ts'
import { type Family, parseMetrics } from '../../support/prometheus.ts'
import { notebook } from '../../support/worker.ts'

const ann = { authorization: 'Bearer first' }

let api: TestApi
before(async () => {
  api = await openTestApi({ apiKeys: [{ tenant: 'annabel', secret: 'first' }], freshMs: 0 })
})
after(() => api.close())

const parse = ({ status, headers, body }: Answer): Map<string, Family> => {
  assert.equal(status, 200)
  assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/)
  return parseMetrics(body)
}
const scrape = async (): Promise<Map<string, Family>> => parse(await api.get('/metrics', ann))
/** The value of a series; undefined where there is none. */
const sampleOf = (families: Map<string, Family>, name: string, labels: Record<string, string> = {}): number | undefined => {
  const family = families.get(name) ?? families.get(name.replace(/_(count|sum|bucket)$/, ''))
  const fits = (given: Record<string, string>) => Object.entries(labels).every(([key, value]) => given[key] === value)
  return family?.samples.find((sample) => sample.name === name && fits(sample.labels))?.value
}

it('metrics are read with a key where there are keys, and name nobody', async () => {
  assertProblem(await api.get('/metrics'), 401, 'UNAUTHENTICATED')
  await api.post('/v1/jobs', notebook(), ann)
  const answer = await api.get('/metrics', ann)
  parse(answer)
  assert.doesNotMatch(answer.body, /annabel|\b(job|ds)_[0-9a-z]{26}/)
})

it('metrics are for operators alone where there are such, who are no tenants', async () => {
  const keyed = await openTestApi({
    apiKeys: [{ tenant: 'annabel', secret: 'first' }],
    operatorKeys: [{ tenant: 'prometheus', secret: 'watching' }],
  })
  try {
    const operator = { authorization: 'Bearer watching' }
    assertProblem(await keyed.get('/metrics'), 401, 'UNAUTHENTICATED')
    assertProblem(await keyed.get('/metrics', { authorization: 'Bearer other' }), 401, 'UNAUTHENTICATED')
    assertProblem(await keyed.get('/metrics', ann), 403, 'OPERATOR_ONLY')
    parse(await keyed.get('/metrics', operator))
    parse(await keyed.get('/metrics', { 'x-api-key': 'watching' }))
    assertProblem(await keyed.get('/v1/jobs', operator), 400, 'MALFORMED_REQUEST')
    assert.equal((await keyed.get('/v1/jobs', ann)).status, 200)
  } finally {
    await keyed.close()
  }
})

it('metrics say how the process does: its memory, its processor, the lag of its event loop', async () => {
  const families = await scrape()
  for (const name of ['process_resident_memory_bytes', 'process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds', 'trainyard_info'])
    assert.ok((families.get(name)?.samples.length ?? 0) > 0, name)
  for (const { name, help } of families.values()) assert.ok(help.length > 0, `${name} is explained`)
})

it('metrics measure requests by the templates of their routes, whatever the paths', async () => {
  for (const path of ['/v1/jobs/some', '/v1/jobs/other', '/nowhere/at/all', '/v1/secret-path']) await api.get(path, ann)
  const families = await scrape()
  const count = (route: string, status: string) =>
    sampleOf(families, 'http_request_duration_seconds_count', { method: 'GET', route, status })
  assert.equal(count('/v1/jobs/:id', '404'), 2)
  assert.equal(count('unmatched', '404'), 2)
  assert.equal(count('/metrics', '401'), 1)
  const { samples } = families.get('http_request_duration_seconds') ?? assert.fail()
  for (const { labels } of samples) assert.doesNotMatch(labels.route ?? '', /some|other|nowhere|secret/)
  const ofOne = samples.filter(({ labels }) => labels.route === '/v1/jobs/:id' && labels.le)
  assert.equal(ofOne.at(-1)?.labels.le, '+Inf')
  assert.deepEqual(
    ofOne.map(({ value }) => value),
    ofOne.map(({ value }) => value).toSorted((a, b) => a - b),
  )
})

it('count jobs by status, the queue, its oldest job, leases and what became final', async () => {
  const first = await scrape()
  const job = (await api.post('/v1/jobs', notebook(), ann)).body
  await api.bench.database.prisma.job.update({ where: { id: job.id }, data: { queuedAt: new Date(Date.now() - 60_000), priority: 9 } })
  const waiting = await scrape()
  const grown = (name: string, labels = {}, [from, to] = [first, waiting]) =>
    Number(sampleOf(to, name, labels)) - Number(sampleOf(from, name, labels))
  assert.equal(grown('trainyard_jobs', { status: 'queued' }), 1)
  assert.equal(grown('trainyard_queue_depth'), 1)
  const age = sampleOf(waiting, 'trainyard_queue_oldest_seconds') ?? 0
  assert.ok(age >= 59 && age < 120, String(age))

  const worker = await api.claim()
  const running = await scrape()
  assert.equal(sampleOf(running, 'trainyard_jobs', { status: 'running' }), 1)
  assert.equal(sampleOf(running, 'trainyard_leases', { state: 'alive' }), 1)
  assert.equal(sampleOf(running, 'trainyard_leases', { state: 'expired' }), 0)

  await worker.commit({ closing: success })
  const ended = await scrape()
  assert.equal(sampleOf(ended, 'trainyard_jobs', { status: 'running' }), 0)
  assert.equal(sampleOf(ended, 'trainyard_jobs', { status: 'succeeded' }), 1)
  assert.equal(grown('trainyard_jobs_finished_total', { status: 'succeeded' }, [running, ended]), 1)
  assert.equal(sampleOf(ended, 'trainyard_jobs_finished_total', { status: 'failed' }), 0)

  assert.equal((await api.remove(`/v1/jobs/${worker.jobId}`, ann)).status, 204)
  const deleted = await scrape()
  assert.equal(sampleOf(deleted, 'trainyard_jobs', { status: 'succeeded' }), 0)
  assert.equal(sampleOf(deleted, 'trainyard_jobs_finished_total', { status: 'succeeded' }), 1)
})

it('count open event streams, and leave their hours out of the times of requests', async () => {
  const url = await api.app.listen({ port: 0, host: '127.0.0.1' })
  const { id } = (await api.post('/v1/jobs', notebook(), ann)).body
  const { blocks } = await openStream(`${url}/v1/jobs/${id}/events`, { headers: ann })
  await blocks.next()
  assert.equal(sampleOf(await scrape(), 'trainyard_event_streams'), 1)
  await api.post(`/v1/jobs/${id}/cancel`, undefined, ann)
  for await (const _event of eventsOf(blocks));
  let families = await scrape()
  while (sampleOf(families, 'trainyard_event_streams') !== 0) families = await scrape()
  assert.equal(sampleOf(families, 'http_request_duration_seconds_count', { route: '/v1/jobs/:id/events' }), undefined)
})

it('metrics are there without the database too: what the process knows, and that the database is away', async () => {
  const nowhere = createDatabase('postgres://somebody@127.0.0.1:1/nothing')
  const app = await composeApi({ infrastructure: { ...api.bench, database: nowhere }, config: { apiKeys: [], bodyLimit: 1 } })
  try {
    const { statusCode, body } = await app.inject('/metrics')
    assert.equal(statusCode, 200)
    const families = parseMetrics(body)
    assert.equal(sampleOf(families, 'trainyard_database_up'), 0)
    assert.ok(families.has('process_resident_memory_bytes'))
    assert.ok(!families.has('trainyard_jobs'))
  } finally {
    await app.close()
    await nowhere.close()
  }
})
