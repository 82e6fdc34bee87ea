/** How many jobs of a tenant may be queued. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Answer, assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

describe('a tenant that may have ten jobs in the queue', () => {
  let api: TestApi
  before(async () => {
    api = await openTestApi({ maxQueuedJobs: 10, maxRunningJobs: 1 })
  })
  after(() => api.close())

  const submit = (headers = {}) => api.post('/v1/jobs', notebook(), headers)
  const sweep = (points: number) => {
    const { dataset, ...base } = notebook()
    return api.post('/v1/sweeps', {
      base: { ...base, dataset },
      grid: { 'training.seed': Array.from({ length: points }, (_, seed) => seed) },
    })
  }
  const refused = (answer: Answer): void => {
    assertProblem(answer, 429, 'QUEUE_FULL')
    assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/)
  }
  const stored = async () => ({
    jobs: await api.bench.database.prisma.job.count(),
    datasets: await api.bench.database.prisma.dataset.count(),
  })
  const statuses = (answers: Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b)

  it('gets ten of twelve jobs that it posts at once, with keys for some, and nothing is left of the others', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, at) => submit(at % 2 ? { 'idempotency-key': `key ${at}` } : {})))
    assert.deepEqual(statuses(answers), [...new Array(10).fill(202), 429, 429])
    for (const answer of answers) if (answer.status === 429) refused(answer)
    assert.deepEqual(await stored(), { jobs: 10, datasets: 10 })
  })

  it('has room again for what is cancelled, paused or taken by a worker, and none to go on with what is paused', async () => {
    const [first, second] = (await api.get('/v1/jobs?status=queued')).body.data
    await api.post(`/v1/jobs/${first.id}/cancel`)
    assert.equal((await submit()).status, 202)
    refused(await submit())
    await api.post(`/v1/jobs/${second.id}/pause`)
    assert.equal((await submit()).status, 202)
    refused(await api.post(`/v1/jobs/${second.id}/resume`))
    await api.claim()
    assert.equal((await api.post(`/v1/jobs/${second.id}/resume`)).status, 200)
    assert.deepEqual((await api.get(`/v1/jobs/${second.id}`)).body.queue, { position: 10, waitsFor: 'limit' })
    refused(await submit())
  })

  it('gets a sweep whole or not at all, each of its jobs counted', async () => {
    for (const { id } of (await api.get('/v1/jobs?status=queued')).body.data.slice(0, 5)) await api.post(`/v1/jobs/${id}/cancel`)
    const before = await stored()
    refused(await sweep(6))
    refused(await sweep(11))
    assert.deepEqual(await stored(), before)
    const answers = await Promise.all([sweep(5), sweep(5), submit()])
    assert.equal(answers.filter(({ status }) => status === 429).length, answers[2]?.status === 202 ? 2 : 1)
    assert.equal((await api.get('/v1/jobs?status=queued&limit=100')).body.data.length, answers[2]?.status === 202 ? 6 : 10)
  })
})
