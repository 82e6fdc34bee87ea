/** Models: names that stand for what jobs learned; and the metrics of predictions whose labels came along. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { removeUnusedDatasets } from '../../../src/features/datasets/unused-datasets.repository.ts'
import { createRetention } from '../../../src/features/jobs/retention.repository.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'

let api: TestApi
let first: string
let second: string
before(async () => {
  api = await openTestApi()
  api.bench.work()
  const jobs = [await api.submit({ metrics: ['mae'] }), await api.submit({ record: { gradients: 'none', weights: 'last' } })]
  for (const { id } of jobs) await api.bench.ended(id)
  ;[first, second] = jobs.map(({ id }) => id) as [string, string]
})
after(() => api.close())

const put = (name: string, payload: object, headers: Record<string, string> = {}) =>
  api.send({ method: 'PUT', url: `/v1/models/${name}`, payload, headers })
const rows = { features: [[1, 2]] }

describe('a model', () => {
  it('a model is named, switched, predicts as its job does, and is given up', async () => {
    const made = await put('prices', { jobId: first, epoch: 2 })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.equal(made.headers.location, '/v1/models/prices')
    assert.deepEqual([made.body.name, made.body.jobId, made.body.epoch], ['prices', first, 2])
    const told = await api.post('/v1/models/prices/predictions', rows)
    assert.equal(told.status, 200, JSON.stringify(told.body))
    assert.deepEqual([told.body.jobId, told.body.epoch], [first, 2])
    const switched = await put('prices', { jobId: second })
    assert.equal(switched.status, 200)
    const { body: now } = await api.post('/v1/models/prices/predictions', rows)
    const { body: ofJob } = await api.post(`/v1/jobs/${second}/predictions`, rows)
    assert.deepEqual(now, { ...ofJob, jobId: second })
    assert.deepEqual(
      (await api.get('/v1/models')).body.data.map(({ name }: { name: string }) => name),
      ['prices'],
    )
    assert.equal((await api.get('/v1/models/prices')).headers.etag, switched.headers.etag)
    for (const asked of [`/v1/jobs/${second}/predictions?validateOnly=true`, '/v1/models/prices/predictions?validateOnly=true'])
      assert.deepEqual(pathsOf(assertProblem(await api.post(asked, rows), 422, 'VALIDATION_FAILED')), ['/validateOnly'])
    assert.deepEqual(pathsOf(assertProblem(await api.get('/v1/models?limit=1'), 422, 'VALIDATION_FAILED')), ['/limit'])
    assert.equal((await api.remove('/v1/models/prices')).status, 204)
    for (const path of ['/v1/models/prices', '/v1/models/UPPER', `/v1/models/${'x'.repeat(100)}`])
      assertProblem(await api.get(path), 404, 'NOT_FOUND')
    assertProblem(await api.remove('/v1/models/prices'), 404, 'NOT_FOUND')
    assertProblem(await api.post('/v1/models/prices/predictions', rows), 404, 'NOT_FOUND')
  })

  it('a model is switched only from the version that was expected', async () => {
    const { headers } = await put('guarded', { jobId: first }, { 'if-none-match': '*' })
    assertProblem(await put('guarded', { jobId: second }, { 'if-none-match': '*' }), 412, 'PRECONDITION_FAILED')
    assertProblem(await put('absent', { jobId: second }, { 'if-match': '*' }), 412, 'PRECONDITION_FAILED')
    const etag = headers.etag ?? ''
    assert.equal((await put('guarded', { jobId: second }, { 'if-match': `"x", ${etag}` })).status, 200)
    for (const tag of [etag, `W/${etag}`, 'nonsense'])
      assertProblem(await put('guarded', { jobId: first }, { 'if-match': tag }), 412, 'PRECONDITION_FAILED')
    assertProblem(await api.remove('/v1/models/guarded', { 'if-match': etag }), 412, 'PRECONDITION_FAILED')
    assert.equal((await api.remove('/v1/models/guarded', { 'if-match': '*' })).status, 204)
  })

  it('a model of what is not there to stay is refused, with the reason', async () => {
    const refused = async (name: string, body: object) => pathsOf(assertProblem(await put(name, body), 422, 'VALIDATION_FAILED'))
    assert.deepEqual(await refused('m', { jobId: 'job_nothing' }), ['/jobId'])
    assert.deepEqual(await refused('m', { jobId: second, epoch: 2 }), ['/epoch'])
    assert.deepEqual(await refused('m', { jobId: first, epoch: 0 }), ['/epoch'])
    assert.deepEqual(await refused('Upper', { jobId: first }), ['/name'])
    assert.deepEqual(await refused('m'.repeat(65), { jobId: first }), ['/name'])
    const { id } = await api.submit({ device: 'gpu' })
    assertProblem(await put('m', { jobId: id }), 409, 'CONFLICT')
  })

  it('a job that a model stands for is deleted neither by request nor after RETENTION_DAYS', async () => {
    await put('kept', { jobId: second })
    await put('kept-too', { jobId: first })
    assert.match(
      JSON.stringify(assertProblem(await api.remove(`/v1/jobs/${second}`), 409, 'CONFLICT')) +
        (await api.remove(`/v1/jobs/${second}`)).body.detail,
      /"kept"/,
    )
    const retention = createRetention(api.bench.database, removeUnusedDatasets, 0)
    assert.equal((await retention.removeOld()).removed, 0)
    assert.equal((await api.get(`/v1/jobs/${second}`)).status, 200)
    await api.remove('/v1/models/kept')
    await api.remove('/v1/models/kept-too')
    assert.equal((await api.remove(`/v1/jobs/${second}`)).status, 204)
  })

  it('a sweep of whose jobs one is a model is not deleted', async () => {
    const { body: sweep } = await api.post('/v1/sweeps', {
      base: { ...(await api.get(`/v1/jobs/${first}`)).body.config, metrics: [] },
      grid: { 'training.seed': [1, 2] },
    })
    const [job] = sweep.jobs
    for (const { jobId } of sweep.jobs) await api.bench.ended(jobId)
    await put('swept', { jobId: job.jobId })
    const refused = await api.remove(`/v1/sweeps/${sweep.id}`)
    assertProblem(refused, 409, 'CONFLICT')
    assert.match(refused.body.detail, /"swept"/)
    await api.remove('/v1/models/swept')
    assert.equal((await api.remove(`/v1/sweeps/${sweep.id}`)).status, 204)
  })
})

describe('labels beside the rows to predict for', () => {
  it('labels beside the rows to predict for give the loss and the metrics of the job, as its epochs tell them', async () => {
    const { body: job } = await api.get(`/v1/jobs/${first}`)
    const { body: table } = await api.get(`/v1/datasets/${job.dataset.id}/rows?limit=1000`)
    const features = table.data.map((row: Record<string, number>) => [row.x1, row.x2])
    const labels = table.data.map((row: Record<string, number>) => [row.y])
    const { body } = await api.post(`/v1/jobs/${first}/predictions`, { features, labels })
    const { body: epochs } = await api.get(`/v1/jobs/${first}/epochs`)
    const last = epochs.data.at(-1)
    for (const [name, value] of Object.entries({ loss: last.loss, ...last.metrics })) {
      assert.ok(Math.abs(body.metrics[name] - Number(value)) <= 1e-4 * Math.abs(Number(value)), `${name}: ${body.metrics[name]} ${value}`)
    }
    assert.deepEqual(Object.keys(body.metrics).sort(), ['loss', 'mae'])
  })

  it('labels that do not fit the rows or the job are refused', async () => {
    const refused = async (labels: unknown) =>
      pathsOf(
        assertProblem(
          await api.post(`/v1/jobs/${first}/predictions`, {
            features: [
              [1, 2],
              [3, 4],
            ],
            labels,
          }),
          422,
          'VALIDATION_FAILED',
        ),
      )
    assert.deepEqual(await refused([[1]]), ['/labels'])
    assert.deepEqual(await refused([[1, 2], [1]]), ['/labels/0'])
    assert.deepEqual(await refused([[1], ['x']]), ['/labels/1/0'])
    assert.deepEqual(await refused([[1], [null]]), ['/labels/1/0'])
  })
})
