/** How recorded weights and gradients lie, as a worker wrote them and the API counts them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLeaseRepository } from '../../../src/features/jobs/lease.repository.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { batch, report } from '../../support/batches.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
let id: string
const epochs = 100
before(async () => {
  api = await openTestApi()
  const tensor = (name: string, values: number[] | null) => ({ name, shape: [1], values: values && Float32Array.from(values), norm: 1.5 })
  id = await train(
    Array.from({ length: epochs }, (_, at) => ({
      ...report(at + 1),
      gradients: [tensor('layers.0.weight', [at + 1]), tensor('layers.0.bias', at === 0 ? [Number.NaN] : null)],
      weights: at % 2 === 1 ? [tensor('layers.0.weight', [0.1]), tensor('layers.0.bias', [at])] : [],
    })),
  )
})
after(() => api.close())

/** A job of which a worker has written these epochs. */
const train = async (reports: ReturnType<typeof report>[]): Promise<string> => {
  const { body } = await api.post('/v1/jobs', notebook({ training: { epochs } }))
  const lease = createLeaseRepository(api.bench.database)
  const claimed = await lease.claim({ gpu: false })
  assert.ok(claimed)
  assert.equal(claimed.jobId, body.id)
  await lease.commit(claimed, batch({ epochs: reports, fraction: 1 }))
  return body.id
}

const read = async (query: string) => {
  const answer = await api.get(`/v1/jobs/${id}/${query}`)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

test('histograms of weights are of epochs spread evenly over those that were recorded', async () => {
  const { parameter, parameters, data } = await read('histograms?parameter=layers.0.bias&maxPoints=3&bins=4')
  assert.deepEqual([parameter, parameters], ['layers.0.bias', ['layers.0.weight', 'layers.0.bias']])
  assert.deepEqual(data, [
    { epoch: 2, min: 1, max: 1, counts: [1], notFinite: 0 },
    { epoch: 52, min: 51, max: 51, counts: [1], notFinite: 0 },
    { epoch: 100, min: 99, max: 99, counts: [1], notFinite: 0 },
  ])
  assert.deepEqual((await read('histograms?maxPoints=1')).data, [
    { epoch: 100, min: Math.fround(0.1), max: Math.fround(0.1), counts: [1], notFinite: 0 },
  ])
})

test('histograms of gradients count what is not finite beside their bins, and leave out epochs without values', async () => {
  const { data } = await read('histograms?of=gradients&parameter=layers.0.bias')
  assert.deepEqual(data, [{ epoch: 1, min: null, max: null, counts: [], notFinite: 1 }])
  assert.equal((await read('histograms?of=gradients&parameter=layers.0.weight')).data.length, 40)
})

test('histograms of a tensor of many slices have each of its values in one bin', async () => {
  const values = Float32Array.from({ length: 300_000 }, (_, at) => (at % 3000) / 1000)
  const weights = [{ name: 'layers.0.weight', shape: [300, 1000], values, norm: 1 }]
  const large = await train([{ ...report(1), weights }])
  const { data } = (await api.get(`/v1/jobs/${large}/histograms?bins=3`)).body
  assert.deepEqual(data, [{ epoch: 1, min: 0, max: Math.fround(2.999), counts: [100_000, 100_000, 100_000], notFinite: 0 }])
})

test('histograms of what is not recorded are none, and of what there is not are a 404', async () => {
  const { body } = await api.post('/v1/jobs', notebook())
  assert.deepEqual((await api.get(`/v1/jobs/${body.id}/histograms`)).body, { parameter: null, parameters: [], data: [] })
  const named = `/v1/jobs/${body.id}/histograms?parameter=layers.0.`
  assert.deepEqual((await api.get(`${named}weight`)).body, { parameter: 'layers.0.weight', parameters: [], data: [] })
  const [error] = assertProblem(await api.get(`${named}weigth`), 404, 'NOT_FOUND')
  assert.match(error?.message ?? '', /layers\.0\.weight, layers\.0\.bias/)
  assertProblem(await api.get('/v1/jobs/job_none/histograms'), 404, 'NOT_FOUND')
})

test('a wrong query of histograms is named', async () => {
  for (const [query, path] of [
    ['of=all', '/of'],
    ['bins=65', '/bins'],
    ['maxPoints=201', '/maxPoints'],
    ['parameter=', '/parameter'],
  ])
    assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/jobs/${id}/histograms?${query}`), 422, 'VALIDATION_FAILED')), [path])
})
