/** /v1/jobs: queueing, looking, waiting, listing. No worker is here but where a test starts one. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { report, success } from '../../support/batches.ts'
import { eventTypes } from '../../support/jobs.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await api.bench.database.prisma.job.deleteMany()
})

const act = (id: string, action: string) => api.post(`/v1/jobs/${id}/${action}`)

describe('POST /v1/jobs', () => {
  it('queues the job and says where it is, with every default and the seed in its config', async () => {
    const { training, ...rest } = notebook()
    const answer = await api.post('/v1/jobs', { ...rest, training: { epochs: 3 }, record: undefined })
    assert.equal(answer.status, 202)
    const job = answer.body
    assert.equal(answer.headers.location, `/v1/jobs/${job.id}`)
    assert.ok(Number(answer.headers['retry-after']) > 0)
    assert.match(job.id, /^job_[0-9a-z]{26}$/)
    assert.equal(job.status, 'queued')
    assert.ok(Number.isSafeInteger(job.config.training.seed))
    assert.deepEqual(job.config.record, { gradients: 'full', weights: 'last' })
    assert.equal(job.config.training.shuffle, true)
    assert.equal(job.config.loss.reduction, 'mean')
    assert.deepEqual(job.progress, { epoch: 0, epochs: 3, fraction: 0, etaSeconds: null, latestLoss: null })
    assert.deepEqual(job.queue, { position: 1, waitsFor: 'worker' })
    for (const key of ['engine', 'result', 'error', 'startedAt', 'finishedAt']) assert.equal(job[key], null, key)
    assert.equal(job.createdAt, new Date(job.createdAt).toISOString())
    assert.deepEqual((await api.get(`/v1/jobs/${job.id}`)).body, job)
    assert.deepEqual(await eventTypes(api.bench.database, job.id), ['queued'])
    assert.equal((await api.get(`/v1/datasets/${job.dataset.id}`)).body.kind, 'synthetic')
    assert.equal(training.seed, 42)
  })

  it('POST /v1/jobs with validateOnly says what the config comes to and creates nothing', async () => {
    const datasets = await api.bench.database.prisma.dataset.count()
    const { status: code, body } = await api.post('/v1/jobs?validateOnly=true', notebook())
    assert.equal(code, 200)
    assert.equal(body.parameterCount, 3)
    assert.equal(body.stepsPerEpoch, 100)
    assert.ok(body.memoryBytes > 0)
    assert.equal(await api.bench.database.prisma.dataset.count(), datasets)
    assert.equal(await api.bench.database.prisma.job.count(), 0)
  })

  it('POST /v1/jobs refuses a wrong config with every validation error, and leaves nothing behind', async () => {
    const datasets = await api.bench.database.prisma.dataset.count()
    const answer = await api.post('/v1/jobs', {
      ...notebook(),
      loss: { type: 'guess' },
      optimizer: { type: 'sgd', learningRate: 'fast', momentum: -1 },
      training: { epochs: 1e9, batchSize: -1, speed: 3 },
      'a/b': 1,
    })
    assert.deepEqual(pathsOf(assertProblem(answer, 422, 'VALIDATION_FAILED')), [
      '/a~1b',
      '/loss/type',
      '/optimizer/learningRate',
      '/optimizer/momentum',
      '/training/batchSize',
      '/training/epochs',
      '/training/speed',
    ])
    assert.equal(await api.bench.database.prisma.dataset.count(), datasets)
  })

  it('POST /v1/jobs refuses labels that the loss cannot take, naming both sides', async () => {
    const { body } = await api.post('/v1/datasets', { features: [[1], [2]], labels: [[0], [7]] })
    const model = { layers: [{ type: 'dense', units: 3 }] }
    const uploaded = await api.post('/v1/jobs', notebook({ dataset: { id: body.id }, model, loss: { type: 'crossEntropy' } }))
    const [invalid] = assertProblem(uploaded, 422, 'VALIDATION_FAILED')
    assert.match(invalid?.message ?? '', /2.*7/)

    const blobs = { synthetic: { kind: 'blobs', centers: 5, examples: 50 } }
    const generated = await api.post('/v1/jobs', notebook({ dataset: blobs, model, loss: { type: 'crossEntropy' } }))
    const [other] = assertProblem(generated, 422, 'VALIDATION_FAILED')
    assert.match(other?.message ?? '', /2.*4/)
  })

  it('POST /v1/jobs refuses a dataset that is not there, and a body that is not there', async () => {
    const answer = await api.post('/v1/jobs', notebook({ dataset: { id: 'ds_nothing' } }))
    assert.deepEqual(pathsOf(assertProblem(answer, 422, 'VALIDATION_FAILED')), ['/dataset/id'])
    assertProblem(await api.post('/v1/jobs', '', { 'content-type': 'application/json' }), 400, 'MALFORMED_BODY')
    assertProblem(await api.post('/v1/jobs'), 400, 'MALFORMED_BODY')
    assert.deepEqual(pathsOf(assertProblem(await api.post('/v1/jobs', []), 422, 'VALIDATION_FAILED')), ['/body'])
  })
})

describe('GET /v1/jobs/{id}', () => {
  it('GET /v1/jobs/{id} shows progress, time left and the latest loss, whatever it is', async () => {
    const { id } = await api.submit()
    const worker = await api.claim()
    await worker.commit({ epochs: [report(1, Number.NaN)], fraction: 1 / 3 })
    const { status: running, progress } = (await api.get(`/v1/jobs/${id}`)).body
    assert.equal(running, 'running')
    assert.deepEqual({ ...progress, etaSeconds: 0 }, { epoch: 1, epochs: 3, fraction: 1 / 3, etaSeconds: 0, latestLoss: 'NaN' })
    assert.ok(Math.abs(progress.etaSeconds - 0.25) < 1e-9)
  })

  it('GET /v1/jobs/{id} tells a waiting job its place by priority and age', async () => {
    const [first, second] = [await api.submit(), await api.submit()]
    const urgent = await api.submit({ priority: 5 })
    const place = async ({ id }: { id: string }) => (await api.get(`/v1/jobs/${id}`)).body.queue.position
    assert.deepEqual(await Promise.all([urgent, first, second].map(place)), [1, 2, 3])
    await act(first.id, 'cancel')
    assert.deepEqual(await Promise.all([urgent, first, second].map(place)), [1, null, 2])
  })

  it('GET /v1/jobs/{id} says of a waiting job that it waits for a GPU, until a worker with one takes it', async () => {
    const { id } = await api.submit({ device: 'gpu' })
    assert.deepEqual((await api.get(`/v1/jobs/${id}`)).body.queue, { position: 1, waitsFor: 'gpu' })
    const [queued] = (await api.get(`/v1/jobs/${id}/events`)).body.data
    assert.deepEqual([queued.type, queued.data], ['queued', { waitsFor: 'gpu' }])
    await assert.rejects(api.claim(), /runnable/)
    assert.equal((await api.claim({ gpu: true })).jobId, id)
    assert.deepEqual((await api.get(`/v1/jobs/${id}`)).body.queue, { position: null })
  })

  it('GET /v1/jobs/{id} waits for a change of status or progress', async () => {
    const { id } = await api.submit()
    const waited = api.get(`/v1/jobs/${id}?wait=60`)
    // One that came later has its answer, so the wait has begun.
    await api.get(`/v1/jobs/${id}`)
    const worker = await api.claim()
    await worker.commit({})
    assert.equal((await waited).body.status, 'running')
    const again = api.get(`/v1/jobs/${id}?wait=60`)
    await api.get(`/v1/jobs/${id}`)
    const committed = worker.commit({ epochs: [report(1)], fraction: 1 / 3 }).then(() => worker.commit({ closing: success }))
    assert.ok((await again).body.progress.epoch >= 0)
    await committed
    assert.equal((await api.get(`/v1/jobs/${id}?wait=60`)).body.status, 'succeeded')
  })

  it('GET /v1/jobs/{id} waits for the end where that is asked for, whatever happens before', async () => {
    const { id } = await api.submit()
    const waited = api.get(`/v1/jobs/${id}?waitFor=end`)
    const worker = await api.claim()
    await worker.commit({ epochs: [report(1)], fraction: 1 / 3 })
    await worker.commit({ epochs: [report(2)], fraction: 2 / 3 })
    await worker.commit({ closing: success })
    assert.equal((await waited).body.status, 'succeeded')
    assert.equal((await api.get(`/v1/jobs/${id}?wait=60&waitFor=end`)).body.status, 'succeeded')
    const { id: other } = await api.submit()
    assert.equal((await api.get(`/v1/jobs/${other}?wait=0.2&waitFor=end`)).body.status, 'queued')
    assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/jobs/${other}?waitFor=ever`), 422, 'VALIDATION_FAILED')), ['/waitFor'])
  })

  it('GET /v1/jobs/{id} answers at the end of the wait when nothing changes', async () => {
    const { id } = await api.submit()
    assert.equal((await api.get(`/v1/jobs/${id}?wait=0.2`)).body.status, 'queued')
    assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/jobs/${id}?wait=61`), 422, 'VALIDATION_FAILED')), ['/wait'])
  })

  it('GET /v1/jobs/{id} shows why a job failed', async () => {
    const { id } = await api.submit()
    const worker = await api.claim()
    await worker.commit({ closing: { to: 'failed', code: 'LOSS_DIVERGED', message: 'the loss is NaN' } })
    const job = (await api.get(`/v1/jobs/${id}`)).body
    assert.deepEqual(job.error, { code: 'LOSS_DIVERGED', message: 'the loss is NaN' })
    assert.ok(job.finishedAt)
  })
})

describe('GET /v1/jobs', () => {
  it('pages through all jobs, newest first, each exactly once', async () => {
    const ids = []
    for (let at = 0; at < 5; at++) ids.unshift((await api.submit()).id)
    const found: string[] = []
    let cursor: string | null = null
    do {
      const page: { data: { id: string }[]; hasMore: boolean; nextCursor: string | null } = (
        await api.get(`/v1/jobs?limit=2${cursor ? `&after=${cursor}` : ''}`)
      ).body
      assert.equal(page.hasMore, page.nextCursor !== null)
      found.push(...page.data.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor)
    assert.deepEqual(found, ids)
  })

  it('filters by status and by metadata, texts and numbers', async () => {
    const a = await api.submit({ metadata: { owner: 'ann', run: 7 } })
    const b = await api.submit({ metadata: { owner: 'ann', run: '7' } })
    await api.submit({ metadata: { owner: 'bob', run: 7 } })
    await act(b.id, 'cancel')
    const ids = async (query: string) => (await api.get(`/v1/jobs?${query}`)).body.data.map(({ id }: { id: string }) => id)
    assert.deepEqual(await ids('metadata[owner]=ann'), [b.id, a.id])
    assert.deepEqual(await ids('metadata[owner]=ann&metadata[run]=7'), [b.id, a.id])
    assert.deepEqual(await ids('metadata[owner]=ann&status=queued'), [a.id])
    assert.deepEqual(await ids('metadata[nobody]=x'), [])
    assert.deepEqual(await ids('metadata[owner]=ann&status=queued&status=cancelled&status=queued'), [b.id, a.id])
    assert.deepEqual(await ids('metadata[owner]=ann&status=running&status=cancelled&limit=1'), [b.id])
    assert.deepEqual(await ids('metadata[owner]=ann&status=running'), [])
  })

  it('lists of jobs, datasets and sweeps are narrowed by when things were made', async () => {
    const [a, b] = [await api.submit({ metadata: { made: 'then' } }), await api.submit({ metadata: { made: 'then' } })]
    const at = (time: string) => encodeURIComponent(time)
    for (const filter of ['', '&metadata[made]=then', '&status=queued', '&metadata[made]=then&status=queued']) {
      const ids = async (query: string) =>
        (await api.get(`/v1/jobs?limit=100${filter}&${query}`)).body.data
          .map(({ id }: { id: string }) => id)
          .filter((id: string) => id >= a.id)
      assert.deepEqual(await ids(`createdAfter=${at(a.createdAt)}`), a.createdAt === b.createdAt ? [] : [b.id], filter)
      assert.deepEqual(await ids(`createdBefore=${at(b.createdAt)}`), a.createdAt === b.createdAt ? [] : [a.id], filter)
      assert.deepEqual(await ids('createdAfter=2000-01-01T00:00:00%2B01:00&createdBefore=9999-12-31T23:59:60Z'), [b.id, a.id], filter)
      assert.deepEqual(await ids('createdBefore=0001-01-01t00:00:00z'), [], filter)
    }
    for (const list of ['datasets', 'sweeps'])
      assert.deepEqual((await api.get(`/v1/${list}?createdBefore=2000-01-01T00:00:00Z`)).body.data, [])
    assert.ok((await api.get(`/v1/datasets?createdAfter=2000-01-01T00:00:00Z`)).body.data.length > 0)
  })

  it('GET /v1/jobs names what is wrong with a query', async () => {
    for (const [query, path] of [
      ['limit=0', '/limit'],
      ['limit=many', '/limit'],
      ['status=asleep', '/status'],
      ['status=queued&status=asleep', '/status/1'],
      ['createdAfter=yesterday', '/createdAfter'],
      ['createdBefore=2026-13-01T00:00:00Z', '/createdBefore'],
      ['after=garbage', '/after'],
      ['colour=red', '/colour'],
    ])
      assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/jobs?${query}`), 422, 'VALIDATION_FAILED')), [path])
  })
})
