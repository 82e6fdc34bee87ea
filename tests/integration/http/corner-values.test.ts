/** Values at the edges of what a model or a float32 can take: a 422 that names each, and never a 500. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
})
after(() => api.close())

const upload = async (body: object): Promise<string> => {
  const answer = await api.post('/v1/datasets', body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body.id
}
const refused = async (path: string, body: object): Promise<string[]> =>
  pathsOf(assertProblem(await api.post(path, body), 422, 'VALIDATION_FAILED'))

const embedder = (id: string, parts: object = {}) => ({
  dataset: { id },
  model: {
    layers: [{ type: 'embedding', vocabularySize: 3, units: 2 }, { type: 'flatten' }, { type: 'dense', units: 1 }],
  },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.1 },
  training: { epochs: 2, batchSize: 2, seed: 1 },
  ...parts,
})

describe('indices of an embedding', () => {
  it('indices of an embedding are refused by row and column in predictions, whatever is wrong with them', async () => {
    const id = await upload({ features: [[0], [1], [2]], labels: [[1], [2], [3]] })
    const { body: job } = await api.post('/v1/jobs', embedder(id))
    assert.equal((await api.bench.ended(job.id)).status, 'succeeded')
    const path = `/v1/jobs/${job.id}/predictions`
    for (const value of [3, -1, 1.5, 1e20, 1e39, 'NaN', null])
      assert.deepEqual(await refused(path, { features: [[0], [value]] }), ['/features/1/0'], String(value))
    assert.deepEqual(await refused(path, { rows: [{ x1: 2 }, { x1: 3 }] }), ['/rows/1/x1'])
    assert.equal((await api.post(path, { features: [[0], [2]] })).body.predictions.length, 2)
  })

  it('indices of an embedding are refused before a job is queued, in its own data and in what it is held against', async () => {
    const good = await upload({ features: [[0], [2]], labels: [[1], [2]] })
    const data = { features: [[0], [3]], labels: [[1], [2]] }
    const [large, negative, fractions] = [
      await upload(data),
      await upload({ ...data, features: [[0], [-1]] }),
      await upload({ ...data, features: [[0], [0.5]] }),
    ]
    for (const id of [large, negative]) assert.deepEqual(await refused('/v1/jobs', embedder(id)), ['/model/layers/0/vocabularySize'])
    assert.deepEqual(await refused('/v1/jobs', embedder(fractions)), ['/model/layers/0'])
    for (const id of [large, negative, fractions]) {
      const config = embedder(good, { training: { epochs: 1, batchSize: 2, validationDataset: { id } } })
      assert.deepEqual(await refused('/v1/jobs', config), ['/training/validationDataset/id'])
    }
    const { body: first } = await api.post('/v1/jobs', embedder(good))
    await api.bench.ended(first.id)
    assert.deepEqual(await refused('/v1/jobs', embedder(large, { warmStart: { jobId: first.id } })), ['/model/layers/0/vocabularySize'])
  })
})

describe('numbers beyond float32', () => {
  it('numbers beyond float32 are refused in predictions as they are in uploads', async () => {
    const { id } = await api.submit()
    await api.bench.ended(id)
    assert.deepEqual(await refused(`/v1/jobs/${id}/predictions`, { features: [[1, 1e39]] }), ['/features/0/1'])
    assert.deepEqual(await refused(`/v1/jobs/${id}/predictions`, { rows: [{ x1: -1e300, x2: 0 }] }), ['/rows/0/x1'])
  })

  it('numbers beyond float32 are refused wherever else a body has numbers', async () => {
    const tensor = (value: unknown) => ({ shape: [1], values: [value] })
    const evaluate = '/v1/losses/mse/evaluate'
    assert.deepEqual(await refused(evaluate, { inputs: [tensor(1e39)], target: tensor(-1e39) }), ['/inputs/0/values/0', '/target/values/0'])
    assert.equal((await api.post(evaluate, { inputs: [tensor('Infinity')], target: tensor(3.4e38) })).status, 200)
    assert.deepEqual(await refused('/v1/jobs', notebook({ optimizer: { type: 'sgd', learningRate: 1e39 } })), ['/optimizer/learningRate'])
    const initialWeights = { 'layers.0.weight': { shape: [2, 1], values: [1, 1e39] } }
    const model = { layers: [{ type: 'dense', units: 1 }], initialWeights }
    assert.deepEqual(await refused('/v1/jobs', notebook({ model })), ['/model/initialWeights/layers.0.weight/values/1'])
    const polynomial = { kind: 'polynomial', coefficients: [0, 0, 0, 0, 1], low: 1e11, high: 1e12 }
    assert.deepEqual(await refused('/v1/datasets', { synthetic: polynomial }), ['/synthetic/coefficients/4'])
    assert.deepEqual(await refused('/v1/jobs', notebook({ dataset: { synthetic: polynomial } })), ['/dataset/synthetic/coefficients/4'])
    const sweep = { base: notebook(), grid: { 'optimizer.learningRate': [0.1, 1e39] } }
    assert.deepEqual(await refused('/v1/sweeps', sweep), ['/grid/optimizer.learningRate/1'])
    for (const [type, options] of [
      ['constant', { val: 1e39 }],
      ['xavierUniform', { gain: 1e39 }],
      ['truncatedNormal', { std: 0 }],
      ['normal', { std: -1 }],
      ['uniform', { b: 1e39 }],
    ] as const)
      assert.deepEqual(await refused(`/v1/initializers/${type}/sample`, { shape: [2, 2], options }), [
        `/options/${Object.keys(options)[0]}`,
      ])
  })
})
