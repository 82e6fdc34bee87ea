/** Jobs and sweeps of one line: what they leave out is chosen, shown, trained, and the same when it is sent again. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { SweepJob } from '../../../src/api/sweep.schema.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
})
after(() => api.close())

/** Pears are heavier than plums; some were not weighed, and each has a number. */
const fruit = Array.from({ length: 60 }, (_, at) => {
  const kind = ['pear', 'plum'][at % 2]
  return `${at + 1},${at % 9 === 4 ? 'NA' : 50 + (at % 7) + (kind === 'pear' ? 100 : 0)},${['red', 'green', 'blue'][at % 3]},${kind},${2 * at + 1}`
})
const csv = `number,grams,basket,kind,cents\n${fruit.join('\n')}\n`

const upload = async (): Promise<string> => {
  const answer = await api.post('/v1/datasets', csv, { 'content-type': 'text/csv' })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body.id
}
const trained = async (request: object) => {
  const answer = await api.post('/v1/jobs', request)
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  await api.bench.ended(answer.body.id)
  const { body: job } = await api.get(`/v1/jobs/${answer.body.id}`)
  assert.equal(job.status, 'succeeded', JSON.stringify(job.error))
  return { job, weights: (await api.get(`/v1/jobs/${job.id}/weights`)).body.parameters }
}

describe('a job of one line', () => {
  it('a job of one line trains on a table as it is, and gives the same weights when its echo is sent again', async () => {
    const request = { dataset: { id: await upload(), labels: ['kind'] } }
    const { job, weights } = await trained(request)
    assert.deepEqual(job.config.dataset.features, ['grams', 'basket', 'cents'])
    assert.equal(job.config.loss.type, 'bceWithLogits')
    assert.equal(job.config.auto[0], '/dataset/features')
    const { data } = (await api.get(`/v1/jobs/${job.id}/epochs?from=${job.result.restoredEpoch}&to=${job.result.restoredEpoch}`)).body
    assert.ok(data[0].metrics.accuracy > 0.9, JSON.stringify(data[0]))
    const again = await trained(job.config)
    assert.equal(again.job.config.auto, undefined)
    assert.deepEqual(again.weights, weights)
    const { body: estimate } = await api.post('/v1/jobs?validateOnly=true', request)
    const { seed: _drawn, ...training } = job.config.training
    assert.deepEqual(estimate.config, { ...job.config, training })
  })

  it('a job of one line trains on synthetic data', async () => {
    const { job } = await trained({ dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 200 } } })
    assert.deepEqual([job.config.loss.type, job.config.metrics], ['mse', ['r2', 'mae']])
    assert.ok(job.result.epochs > 5)
  })

  it('a job of one line is solved where it asks for that', async () => {
    const { job } = await trained({
      dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 200 } },
      solver: { type: 'leastSquares' },
    })
    assert.deepEqual(job.config.auto, ['/model', '/loss'])
    assert.ok(Math.abs(job.result.estimationError.bias) < 0.01)
  })

  it('a boolean is learned by a loss of numbers as it is, and what has no values at all is no label', async () => {
    const csv = `size,isRipe,sold\n${Array.from({ length: 20 }, (_, at) => `${at % 7},${at % 3 === 0},`).join('\n')}`
    const { body } = await api.post('/v1/datasets', csv, { 'content-type': 'text/csv' })
    const dataset = { id: body.id, labels: ['isRipe'] }
    const { job } = await trained({ dataset, loss: { type: 'mse' }, training: { epochs: 1 } })
    assert.equal(job.config.preprocessing.standardizeLabels, false)
    const problem = assertProblem(await api.post('/v1/jobs', { dataset: { id: body.id, labels: ['sold'] } }), 422, 'VALIDATION_FAILED')
    assert.match(JSON.stringify(problem), /nothing but missing values/)
  })

  it('a job of one line that cannot be chosen is refused with what it lacks', async () => {
    const dataset = { id: await upload() }
    const refused = async (request: object) => pathsOf(assertProblem(await api.post('/v1/jobs', request), 422, 'VALIDATION_FAILED'))
    assert.deepEqual(await refused({}), ['/dataset'])
    assert.deepEqual(await refused({ dataset }), ['/dataset/labels'])
    assert.deepEqual(await refused({ dataset: { ...dataset, labels: ['kind', 'cents'] } }), ['/loss'])
    assert.deepEqual(await refused({ dataset: { ...dataset, labels: ['kind'] }, loss: { type: 'cosineEmbedding' } }), ['/model'])
    assert.deepEqual(await refused({ dataset: { ...dataset, labels: ['kind'] }, training: { epoch: 3 } }), ['/training/epoch'])
  })
})

describe('a sweep over a base of one line', () => {
  it('a sweep over a base of one line varies parts that the service chose, from one seed', async () => {
    const base = { dataset: { id: await upload(), labels: ['cents'] } }
    const grid = { 'optimizer.learningRate': [0.01, 0.001], 'model.layers.0.units': [8], 'training.epochs': [2] }
    const answer = await api.post('/v1/sweeps', { base, grid })
    assert.equal(answer.status, 202, JSON.stringify(answer.body))
    const jobs: SweepJob[] = answer.body.jobs
    const configs = await Promise.all(jobs.map(async ({ jobId }) => (await api.get(`/v1/jobs/${jobId}`)).body.config))
    assert.deepEqual(
      configs.map(({ optimizer, model, training }) => [optimizer.type, optimizer.learningRate, model.layers[0].units, training.epochs]),
      [
        ['adamw', 0.01, 8, 2],
        ['adamw', 0.001, 8, 2],
      ],
    )
    assert.equal(new Set(configs.map(({ training }) => training.seed)).size, 1)
    for (const { jobId } of jobs) await api.bench.ended(jobId)
    assert.ok((await api.get(`/v1/sweeps/${answer.body.id}`)).body.rankedBy)
  })

  it('a sweep that leads into preprocessing changes what the service chose, and loses nothing of it', async () => {
    const base = { dataset: { id: await upload(), labels: ['kind'] } }
    const answer = await api.post('/v1/sweeps', { base, grid: { 'preprocessing.standardize': [true, false], 'training.epochs': [1] } })
    assert.equal(answer.status, 202, JSON.stringify(answer.body))
    const jobs: SweepJob[] = answer.body.jobs
    const prepared = await Promise.all(jobs.map(async ({ jobId }) => (await api.get(`/v1/jobs/${jobId}`)).body.config.preprocessing))
    assert.deepEqual(
      prepared.map(({ standardize, missing }) => [standardize, missing.strategy]),
      [
        [true, 'median'],
        [false, 'median'],
      ],
    )
  })

  it('a sweep may say all of a part that its base leaves out, and a part that is nowhere said is chosen for each job', async () => {
    const base = { dataset: { id: await upload() } }
    const answer = await api.post('/v1/sweeps', { base, grid: { 'dataset.labels': [['kind'], ['cents']], 'training.epochs': [1] } })
    assert.equal(answer.status, 202, JSON.stringify(answer.body))
    const jobs: SweepJob[] = answer.body.jobs
    const losses = await Promise.all(jobs.map(async ({ jobId }) => (await api.get(`/v1/jobs/${jobId}`)).body.config.loss.type))
    assert.deepEqual(losses, ['bceWithLogits', 'mse'])
    const wrong = await api.post('/v1/sweeps', { base, grid: { 'optimizer.learningRat': [1] } })
    assert.deepEqual(pathsOf(assertProblem(wrong, 422, 'VALIDATION_FAILED')), ['/grid/optimizer.learningRat'])
  })
})
