/** Keys and tenants, health, paths that are not there, and failures that keep their insides to themselves. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import type { CatalogResource } from '../../../src/api/catalog.schema.ts'
import { composeApi } from '../../../src/compose-api.ts'
import { createDatabase } from '../../../src/platform/db/database-client.ts'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { openProxy } from '../../support/tcp-proxy.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi({
    apiKeys: [
      { tenant: 'ann', secret: 'first' },
      { tenant: 'bob', secret: 'second' },
    ],
  })
})
after(() => api.close())

const ann = { authorization: 'Bearer first' }
const bob = { 'x-api-key': 'second' }

describe('keys', () => {
  it('keys are asked for on every path under /v1', async () => {
    const wrong: Record<string, string>[] = [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic first' }, { 'x-api-key': '' }]
    for (const headers of wrong) {
      const answer = await api.get('/v1/jobs', headers)
      assertProblem(answer, 401, 'UNAUTHENTICATED')
      assert.equal(answer.headers['www-authenticate'], 'Bearer')
    }
    assertProblem(await api.post('/v1/jobs', notebook()), 401, 'UNAUTHENTICATED')
    assert.equal((await api.get('/v1/jobs', ann)).status, 200)
    assert.equal((await api.get('/v1/catalog', bob)).status, 200)
  })

  it('keys are not asked for by health, readiness and documentation', async () => {
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs/']) assert.equal((await api.get(path)).status, 200, path)
  })
})

it('docs/errors.md shows what a wrong config is answered with', async () => {
  const [, shown = ''] = /```json\n(.*?)```/s.exec(await readFile('docs/errors.md', 'utf8')) ?? []
  const example = JSON.parse(shown)
  assert.match(example.requestId, /^req_[0-9a-z]{26}$/)
  const config = notebook({ optimizer: { type: 'sgd', learningRate: '0.03' }, training: { epochs: 0 } })
  const { body, headers } = await api.post('/v1/jobs', config, ann)
  assert.deepEqual(
    { ...body, errors: body.errors.map(({ value: _, ...error }: { value: unknown }) => error) },
    { ...example, requestId: headers['x-request-id'] },
  )
})

it("another tenant's things are not there", async () => {
  const { body: job } = await api.post('/v1/jobs', notebook(), ann)
  for (const path of ['', '/epochs', '/gradients', '/weights', '/events'])
    assertProblem(await api.get(`/v1/jobs/${job.id}${path}`, bob), 404, 'NOT_FOUND')
  for (const action of ['cancel', 'pause', 'resume'])
    assertProblem(await api.post(`/v1/jobs/${job.id}/${action}`, undefined, bob), 404, 'NOT_FOUND')
  assertProblem(await api.post(`/v1/jobs/${job.id}/predictions`, { features: [[1, 2]] }, bob), 404, 'NOT_FOUND')
  assertProblem(await api.remove(`/v1/jobs/${job.id}`, bob), 404, 'NOT_FOUND')
  for (const path of ['', '/batch']) assertProblem(await api.get(`/v1/datasets/${job.dataset.id}${path}`, bob), 404, 'NOT_FOUND')
  assertProblem(await api.remove(`/v1/datasets/${job.dataset.id}`, bob), 404, 'NOT_FOUND')
  assertProblem(await api.post('/v1/jobs', notebook({ dataset: { id: job.dataset.id } }), bob), 422, 'VALIDATION_FAILED')
  assert.deepEqual((await api.get('/v1/jobs', bob)).body.data, [])
  assert.deepEqual((await api.get('/v1/datasets', bob)).body.data, [])
})

it("a job's place in the queue says nothing about another tenant's jobs", async () => {
  const before = await api.post('/v1/jobs', notebook({ priority: 5 }), ann)
  const { body: first } = await api.post('/v1/jobs', notebook({ priority: -1 }), bob)
  await api.post('/v1/jobs', notebook({ priority: 9 }), ann)
  const { body: second } = await api.post('/v1/jobs', notebook({ priority: -2 }), bob)
  assert.equal(before.status, 202)
  assert.deepEqual(
    [first.queue, second.queue],
    [
      { position: 1, waitsFor: 'worker' },
      { position: 2, waitsFor: 'turn' },
    ],
  )
  const { body: page } = await api.get('/v1/jobs?status=queued', bob)
  assert.deepEqual(
    page.data.map((job: { queue: { position: number } }) => job.queue.position),
    [2, 1],
  )
  assert.equal((await api.get(`/v1/jobs/${first.id}`, bob)).body.queue.position, 1)
})

describe('a path', () => {
  it('a path that is not there is 404, a method that it lacks is 405 and says which it has', async () => {
    assertProblem(await api.get('/v2/jobs'), 404, 'NOT_FOUND')
    assertProblem(await api.get('/v1/jobs/a/b/c', ann), 404, 'NOT_FOUND')
    const answer = await api.send({ method: 'PUT', url: '/v1/jobs/some', headers: ann })
    assertProblem(answer, 405, 'METHOD_NOT_ALLOWED')
    assert.equal(answer.headers.allow, 'DELETE, GET, HEAD')
    assertProblem(await api.get('/v1/jobs/some/weights/last.bin', ann), 404, 'NOT_FOUND')
    assertProblem(await api.send({ method: 'PUT', url: '/v1/jobs/some/weights/3.bin', headers: ann }), 405, 'METHOD_NOT_ALLOWED')
  })

  it('a path that cannot be read is 400', async () => {
    assertProblem(await api.get('/v1/jobs/%zz', ann), 400, 'MALFORMED_REQUEST')
  })
})

describe('a request', () => {
  it('too large where little is expected is 413', async () => {
    const { body } = await api.post('/v1/jobs', notebook(), ann)
    assertProblem(await api.post(`/v1/jobs/${body.id}/cancel`, { text: 'x'.repeat(2 ** 21) }, ann), 413, 'BODY_TOO_LARGE')
  })

  it('a request gets an id of its own and headers that keep browsers careful', async () => {
    const { headers } = await api.get('/healthz', { 'x-request-id': 'mine' })
    assert.match(headers['x-request-id'] ?? '', /^req_[0-9a-z]{26}$/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.doesNotMatch(headers['content-security-policy'] ?? '', /https?:/)
  })
})

type CatalogEntry = Pick<CatalogResource['layers'][number], 'type' | 'summary' | 'options'>

it('the catalog has everything that a config can name, metrics too', async () => {
  const { body } = await api.get('/v1/catalog', ann)
  const types = body.metrics.map(({ type }: { type: string }) => type)
  assert.deepEqual(types.toSorted(), ['accuracy', 'f1', 'mae', 'precision', 'r2', 'recall', 'rmse'])
  for (const { summary, of } of body.metrics) assert.ok(summary.length > 0 && ['classes', 'errors'].includes(of))
  for (const [name, entries] of Object.entries(body)) assert.ok(Object.keys(entries as object).length > 0, name)
  for (const [name, entries] of Object.entries(body).filter(([, entries]) => Array.isArray(entries)))
    for (const { type, summary, options } of entries as CatalogEntry[]) {
      assert.ok(summary.length > 0, `${name} ${type}`)
      for (const [option, { description, required, type: kind, default: value }] of Object.entries(options)) {
        const where = `${name} ${type} ${option}`
        assert.ok(description.length > 0 && kind.length > 0 && typeof required === 'boolean', where)
        assert.ok(!(required && value !== undefined), where)
      }
    }
  const padding = body.layers.find(({ type }: CatalogEntry) => type === 'conv2d').options.padding
  assert.deepEqual([padding.type, padding.enum, padding.default], [['integer', 'array', 'string'], ['valid', 'same'], 0])
  const activation = body.layers.find(({ type }: CatalogEntry) => type === 'dense').options.activation
  assert.deepEqual([activation.of, activation.default], ['activations', 'linear'])
})

it('the pages of the documentation need nothing from another host', async () => {
  const page = (await api.get('/docs/')).body as string
  for (const [, source] of page.matchAll(/(?:src|href)="([^"]+)"/g)) assert.doesNotMatch(source ?? '', /^(https?:)?\/\//)
  const script = /<script[^>]+src="([^"]+)"/.exec(page)?.[1] ?? ''
  const answer = await api.get(new URL(script, 'http://here/docs/').pathname)
  assert.equal(answer.status, 200)
  assert.match(answer.headers['content-type'] ?? '', /javascript/)
})

it('a service whose database hangs says that it is not ready', { timeout: 60_000 }, async () => {
  const proxy = await openProxy(api.bench.url)
  const database = createDatabase(proxy.url)
  await database.prisma.$queryRaw`select 1`
  const app = await composeApi({ infrastructure: { ...api.bench, database }, config: { apiKeys: [], bodyLimit: 1 }, readyMs: 500 })
  proxy.hang()
  try {
    const { statusCode, body } = await app.inject('/readyz')
    assert.equal(statusCode, 503)
    assert.match(JSON.parse(body).detail, /database/)
  } finally {
    await proxy.close()
    await app.close()
    await database.close()
  }
})

it('a service whose database is away is alive but not ready, and says nothing about it', async () => {
  const nowhere = createDatabase('postgres://somebody@127.0.0.1:1/nothing')
  const app = await composeApi({ infrastructure: { ...api.bench, database: nowhere }, config: { apiKeys: [], bodyLimit: 1 } })
  const get = async (url: string) => {
    const { statusCode, headers, body } = await app.inject(url)
    return { status: statusCode, headers: headers as Record<string, string>, body: JSON.parse(body) }
  }
  try {
    assert.equal((await get('/healthz')).status, 200)
    assertProblem(await get('/readyz'), 503, 'UNAVAILABLE')
    const failed = await get('/v1/jobs')
    assertProblem(failed, 503, 'UNAVAILABLE')
    assert.doesNotMatch(JSON.stringify(failed.body), /connect|prisma|postgres|select|127/i)
  } finally {
    await app.close()
    await nowhere.close()
  }
})
