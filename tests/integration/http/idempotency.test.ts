/** Requests that are safe to send twice. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi({
    apiKeys: [
      { tenant: 'ann', secret: 'a' },
      { tenant: 'bob', secret: 'b' },
    ],
    inferenceTimeoutMs: 50,
  })
})
after(() => api.close())

const keyed = (key: string, more: Record<string, string> = {}) => ({ 'x-api-key': 'a', 'idempotency-key': key, ...more })
const jobs = () => api.bench.database.prisma.job.count()

it('the same request is done once and answered alike, Location and all', async () => {
  const first = await api.post('/v1/jobs', notebook(), keyed('one'))
  const before = await jobs()
  const again = await api.post('/v1/jobs', notebook(), keyed('one'))
  assert.equal(first.status, 202)
  assert.equal(again.status, 202)
  assert.deepEqual(again.body, first.body)
  for (const name of ['location', 'retry-after', 'content-type']) assert.equal(again.headers[name], first.headers[name], name)
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.equal(await jobs(), before)
})

it('another body, or another path, under the same key is refused', async () => {
  await api.post('/v1/jobs', notebook(), keyed('two'))
  assertProblem(await api.post('/v1/jobs', notebook({ priority: 1 }), keyed('two')), 422, 'IDEMPOTENCY_MISMATCH')
  assertProblem(await api.post('/v1/jobs?validateOnly=true', notebook(), keyed('two')), 422, 'IDEMPOTENCY_MISMATCH')
})

it('a key belongs to its tenant', async () => {
  const mine = await api.post('/v1/jobs', notebook(), keyed('three'))
  const theirs = await api.post('/v1/jobs', notebook(), keyed('three', { 'x-api-key': 'b' }))
  assert.equal(theirs.status, 202)
  assert.notEqual(theirs.body.id, mine.body.id)
})

it('of many at once one is done; the others get its answer or are told that it still runs', async () => {
  const before = await jobs()
  const answers = await Promise.all(Array.from({ length: 10 }, () => api.post('/v1/jobs', notebook(), keyed('four'))))
  assert.equal(await jobs(), before + 1)
  for (const answer of answers) if (answer.status !== 202) assertProblem(answer, 409, 'IDEMPOTENCY_IN_PROGRESS')
  assert.ok(answers.some(({ status }) => status === 202))
})

it('a streamed file is compared by its bytes', async () => {
  const csv = { 'content-type': 'text/csv' }
  const first = await api.post('/v1/datasets', 'a\n1\n', keyed('five', csv))
  assert.equal(first.status, 201)
  assert.deepEqual((await api.post('/v1/datasets', 'a\n1\n', keyed('five', csv))).body, first.body)
  assertProblem(await api.post('/v1/datasets', 'a\n2\n', keyed('five', csv)), 422, 'IDEMPOTENCY_MISMATCH')
  const form = '--e\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\na\n1\n\r\n--e--\r\n'
  const multipart = { 'content-type': 'multipart/form-data; boundary=e' }
  const formed = await api.post('/v1/datasets', form, keyed('form', multipart))
  assert.equal(formed.status, 201, JSON.stringify(formed.body))
  assert.deepEqual((await api.post('/v1/datasets', form, keyed('form', multipart))).body, formed.body)
})

it('a refusal is replayed too, while a failure of ours frees the key', async () => {
  const wrong = notebook({ loss: { type: 'guess' } })
  const refused = await api.post('/v1/jobs', wrong, keyed('six'))
  assertProblem(refused, 422, 'VALIDATION_FAILED')
  assert.equal((await api.post('/v1/jobs', wrong, keyed('six'))).body.requestId, refused.body.requestId)

  const sample = () => api.post('/v1/initializers/zeros/sample', { shape: [1] }, keyed('seven'))
  const first = await sample()
  assertProblem(first, 504, 'ENGINE_TIMEOUT')
  assert.notEqual((await sample()).body.requestId, first.body.requestId)
})

it('actions are keyed like everything else', async () => {
  const { body } = await api.post('/v1/jobs', notebook(), { 'x-api-key': 'a' })
  const cancel = () => api.post(`/v1/jobs/${body.id}/cancel`, undefined, keyed('eight'))
  assert.equal((await cancel()).status, 200)
  assert.equal((await cancel()).status, 200)
  assertProblem(await api.post(`/v1/jobs/${body.id}/cancel`, undefined, { 'x-api-key': 'a' }), 409, 'CONFLICT')
})

it('a key of no length, or of too much, is refused', async () => {
  assert.deepEqual(pathsOf(assertProblem(await api.post('/v1/jobs', notebook(), keyed('k'.repeat(256))), 422, 'VALIDATION_FAILED')), [
    '/idempotency-key',
  ])
})
