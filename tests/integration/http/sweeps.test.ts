/** /v1/sweeps: a grid becomes jobs, and a table compares them. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { SweepJob } from '../../../src/api/sweep.schema.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { eventTypes } from '../../support/jobs.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
})
after(() => api.close())

const create = async (grid: unknown, parts: object = {}, more: object = {}) => {
  const answer = await api.post('/v1/sweeps', { base: notebook(parts), grid, ...more })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  assert.equal(answer.headers.location, `/v1/sweeps/${answer.body.id}`)
  return answer.body
}
const finished = async ({ id, jobs }: { id: string; jobs: SweepJob[] }) => {
  for (const { jobId } of jobs) await api.bench.ended(jobId)
  const { body } = await api.get(`/v1/sweeps/${id}`)
  assert.equal(body.status, 'finished')
  return { ...body, at: (position: number): SweepJob => body.jobs.find((job: SweepJob) => job.position === position) }
}

describe("the notebook's experiment", () => {
  it("the notebook's experiment shows that a sum with a tenth of the rate is the mean, and that its loss was a sum over 1000 rows", async () => {
    const grid = [{ 'loss.reduction': ['mean'] }, { 'loss.reduction': ['sum'], 'optimizer.learningRate': [0.03, 0.003] }]
    const sweep = await create(grid)
    assert.equal(sweep.jobs.length, 3)
    assert.equal(sweep.status, 'running')
    const table = await finished(sweep)
    assert.equal(table.rankedBy, 'perExampleLoss')
    const [mean, , sumOfTenth] = [table.at(1), table.at(2), table.at(3)]
    assert.deepEqual(mean.point, { 'loss.reduction': 'mean' })
    assert.deepEqual(sumOfTenth.point, { 'loss.reduction': 'sum', 'optimizer.learningRate': 0.003 })
    const close = (a: unknown, b: unknown) => assert.ok(Math.abs(Number(a) / Number(b) - 1) < 1e-3, `${a} is not ${b}`)
    close(mean.perExampleLoss, mean.loss)
    close(Number(sumOfTenth.loss) / 1000, mean.loss)
    close(sumOfTenth.perExampleLoss, mean.perExampleLoss)
    close(sumOfTenth.estimationError?.bias, mean.estimationError?.bias)
    assert.ok(mean.seconds > 0 && mean.epochs === 3)
    const ranks = table.jobs.map(({ rank }: SweepJob) => rank)
    assert.deepEqual(
      ranks,
      [...ranks].sort((a, b) => (a ?? 9) - (b ?? 9)),
      'the best come first',
    )
  })
})

describe('a sweep', () => {
  it('a sweep has a job for every combination, on one dataset and from one seed', async () => {
    const { body: sweep } = await api.post('/v1/sweeps', {
      base: notebook({ training: { epochs: 1 }, device: 'gpu' }),
      grid: { 'training.batchSize': [10, 50], 'model.layers.0.bias': [true, false] },
      metadata: { name: 'grid' },
    })
    const points = sweep.jobs.map(({ point }: SweepJob) => [point['training.batchSize'], point['model.layers.0.bias']])
    assert.deepEqual(points, [
      [10, true],
      [10, false],
      [50, true],
      [50, false],
    ])
    const jobs = await Promise.all(sweep.jobs.map(async ({ jobId }: SweepJob) => (await api.get(`/v1/jobs/${jobId}`)).body))
    assert.equal(new Set(jobs.map((job) => job.dataset.id)).size, 1)
    assert.equal(new Set(jobs.map((job) => job.config.training.seed)).size, 1)
    assert.equal(sweep.base.training.seed, jobs[0].config.training.seed)
    assert.deepEqual(
      jobs.map((job) => job.config.model.layers[0].bias),
      [true, false, true, false],
    )
    assert.deepEqual(sweep.metadata, { name: 'grid' })
    const { data } = (await api.get('/v1/sweeps?limit=1')).body
    assert.equal(data[0].id, sweep.id)
    for (const { jobId } of sweep.jobs) await api.post(`/v1/jobs/${jobId}/cancel`)
    const cancelled = await finished(sweep)
    assert.deepEqual(
      cancelled.jobs.map(({ rank }: SweepJob) => rank),
      [null, null, null, null],
    )
  })

  it('a sweep of different losses is ranked by a metric that all have, or else by how well each finds the truth', async () => {
    const losses = { loss: [{ type: 'mse' }, { type: 'l1' }, { type: 'huber', reduction: 'sum' }] }
    const byMetric = await finished(await create(losses, { metrics: ['rmse'], optimizer: { type: 'sgd', learningRate: 0.01 } }))
    assert.equal(byMetric.rankedBy, 'rmse')
    const rmse = byMetric.jobs.map(({ metrics }: SweepJob) => Number(metrics.rmse))
    assert.deepEqual(
      rmse,
      [...rmse].sort((a, b) => a - b),
    )
    const sorted = async (sort: string): Promise<SweepJob[]> => (await api.get(`/v1/sweeps/${byMetric.id}?sort=${sort}`)).body.jobs
    assert.deepEqual(await sorted('-rmse'), byMetric.jobs.toReversed())
    assert.deepEqual(
      (await sorted('-position')).map(({ position }) => position),
      [3, 2, 1],
    )
    assert.deepEqual(
      (await sorted('validationLoss')).map(({ position }) => position),
      [1, 2, 3],
      'without a value the order is that of the grid',
    )
    const [error] = assertProblem(await api.get(`/v1/sweeps/${byMetric.id}?sort=accuracy`), 422, 'VALIDATION_FAILED')
    assert.equal(error?.path, '/sort')
    assert.match(error?.message ?? '', /perExampleLoss.*rmse/)
    const byTruth = await finished(await create({ loss: [{ type: 'mse' }, { type: 'l1' }] }))
    assert.equal(byTruth.rankedBy, 'estimationError')
    assert.deepEqual(
      byTruth.jobs.map(({ rank }: SweepJob) => rank),
      [1, 2],
    )
  })

  it('a sweep is ranked by what was asked for; a job that failed has no rank', async () => {
    const table = await finished(await create({ 'optimizer.learningRate': [1000, 0.03] }, { metrics: ['r2'] }, { rankBy: 'r2' }))
    assert.equal(table.rankedBy, 'r2')
    assert.deepEqual(
      table.jobs.map(({ rank, status, error }: SweepJob) => [rank, status, error?.code]),
      [
        [1, 'succeeded', undefined],
        [null, 'failed', 'LOSS_DIVERGED'],
      ],
    )
  })

  it('a sweep with validation errors is refused whole: each named in the grid or in the base', async () => {
    const count = () => api.bench.database.prisma.job.count()
    const before = await count()
    const refused = async (body: object) => pathsOf(assertProblem(await api.post('/v1/sweeps', body), 422, 'VALIDATION_FAILED'))
    const base = notebook()
    assert.deepEqual(
      await refused({ base: { ...base, colour: 1 }, grid: { 'optimizer.learningRate': [0.1, -1], 'loss.type': ['mse', 'guess'] } }),
      ['/base/colour', '/grid/loss.type/1', '/grid/optimizer.learningRate/1'],
    )
    assert.deepEqual(await refused({ base, grid: [{ 'model.layers.0.units': [1] }, { 'model.layers.0.units': [3] }] }), ['/base/loss/type'])
    assert.deepEqual(await refused({ base, grid: { 'training.speed': [1] } }), ['/grid/training.speed'])
    assert.deepEqual(await refused({ base, grid: {} }), ['/grid'])
    assert.deepEqual(await refused({ base, grid: { '__proto__.x': [1] } }), ['/grid/__proto__.x'])
    const many = Array.from({ length: 20 }, (_, at) => at + 1)
    assert.deepEqual(await refused({ base, grid: { 'training.epochs': many, 'training.batchSize': many } }), ['/grid'])
    assert.deepEqual(await refused({ grid: { 'training.epochs': [1] }, more: 1 }), ['/base', '/more'])
    assert.equal(await count(), before)
  })

  it('a sweep that is not there is 404', async () => {
    assertProblem(await api.get('/v1/sweeps/sweep_nothing'), 404, 'NOT_FOUND')
  })
})

describe('a whole sweep', () => {
  const waiting = () => create({ 'training.epochs': [1, 2, 3] }, { device: 'gpu' })
  const statuses = ({ jobs }: { jobs: SweepJob[] }) => jobs.map(({ status }) => status)

  it('a whole sweep is cancelled at once, each job with its event; what was final stays, and a second time there is nothing to cancel', async () => {
    const sweep = await waiting()
    const [first, second] = sweep.jobs
    await api.post(`/v1/jobs/${first.jobId}/cancel`)
    await api.bench.setStatus(second.jobId, 'running')
    const cancelled = await api.post(`/v1/sweeps/${sweep.id}/cancel`)
    assert.equal(cancelled.status, 200)
    assert.deepEqual(statuses(cancelled.body), ['cancelled', 'cancelling', 'cancelled'])
    assert.deepEqual(await eventTypes(api.bench.database, first.jobId), ['queued', 'cancelled'])
    assert.deepEqual(await eventTypes(api.bench.database, second.jobId), ['queued', 'cancelling'])
    assert.deepEqual((await api.post(`/v1/sweeps/${sweep.id}/cancel`)).body, cancelled.body)
    assert.deepEqual(await eventTypes(api.bench.database, second.jobId), ['queued', 'cancelling'])
    await api.bench.setStatus(second.jobId, 'cancelled')
    assertProblem(await api.post(`/v1/sweeps/${sweep.id}/cancel`), 409, 'CONFLICT')
  })

  it('a whole sweep is deleted with its jobs and all that they left, once they are final', async () => {
    const sweep = await waiting()
    const other = await waiting()
    assertProblem(await api.remove(`/v1/sweeps/${sweep.id}`), 409, 'CONFLICT')
    assert.equal((await api.get(`/v1/sweeps/${sweep.id}`)).body.jobs.length, 3)
    await api.post(`/v1/sweeps/${sweep.id}/cancel`)
    assert.equal((await api.remove(`/v1/sweeps/${sweep.id}`)).status, 204)
    assertProblem(await api.get(`/v1/sweeps/${sweep.id}`), 404, 'NOT_FOUND')
    for (const { jobId } of sweep.jobs) assertProblem(await api.get(`/v1/jobs/${jobId}`), 404, 'NOT_FOUND')
    const jobIds = sweep.jobs.map(({ jobId }: SweepJob) => jobId)
    assert.equal(await api.bench.database.prisma.event.count({ where: { jobId: { in: jobIds } } }), 0)
    assert.deepEqual(statuses((await api.get(`/v1/sweeps/${other.id}`)).body), ['queued', 'queued', 'queued'])
    await api.post(`/v1/sweeps/${other.id}/cancel`)
  })

  it('a whole sweep that is not there is neither cancelled nor deleted', async () => {
    assertProblem(await api.post('/v1/sweeps/sweep_nothing/cancel'), 404, 'NOT_FOUND')
    assertProblem(await api.remove('/v1/sweeps/sweep_nothing'), 404, 'NOT_FOUND')
  })
})

describe('a sweep that would be too large', () => {
  it('a sweep that would be too large is refused before any of its configs is made: it says how much it would hold', async () => {
    const values = Array.from({ length: 10_000 }, (_, at) => at)
    const epochs = Array.from({ length: 200 }, (_, at) => at + 1)
    const errors = async (body: object) =>
      assertProblem(await api.post('/v1/sweeps', body), 422, 'VALIDATION_FAILED').map(({ path, code }) => [path, code])
    const wide = notebook({ dataset: { synthetic: { kind: 'linear', weights: values, examples: 10 } } })
    assert.deepEqual(await errors({ base: wide, grid: { 'training.epochs': epochs } }), [['/base', 'too_large']])
    const weights = epochs.map(() => values)
    assert.deepEqual(await errors({ base: notebook(), grid: { 'dataset.synthetic.weights': weights } }), [['/grid', 'too_large']])
  })
})
