/** Inference requests that a worker answers at once: losses, initializers, predictions. */
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

const vector = (...values: number[]) => ({ shape: [values.length], values })
const near = (actual: number, expected: number, tolerance = 1e-5) =>
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1e-3, Math.abs(expected)), `${actual} is not ${expected}`)

describe('a loss', () => {
  it("a loss is evaluated with its gradient: the notebook's Huber cell", async () => {
    const body = { inputs: [vector(1.8, 3.2, 10)], target: vector(2, 3, 5), options: {}, reduction: 'mean' }
    const answer = await api.post('/v1/losses/huber/evaluate', body)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    near(answer.body.value, 1.5133333)
    assert.deepEqual(answer.body.gradients[0].shape, [3])
    for (const [at, expected] of [-0.2 / 3, 0.2 / 3, 1 / 3].entries()) near(answer.body.gradients[0].values[at], expected)
  })

  it('a loss without reduction is a tensor, and takes its options', async () => {
    const body = { inputs: [vector(0, 10)], target: vector(1, 0), options: { delta: 2 }, reduction: 'none' }
    assert.deepEqual((await api.post('/v1/losses/huber/evaluate', body)).body.value, { shape: [2], values: [0.5, 18] })
  })

  it('a loss of infinities says so by name', async () => {
    const body = { inputs: [{ shape: [1], values: ['Infinity'] }], target: vector(0) }
    assert.equal((await api.post('/v1/losses/mse/evaluate', body)).body.value, 'Infinity')
  })

  it('a loss is refused where it is unknown or where something does not fit, with every validation error', async () => {
    const good = { inputs: [vector(1, 2)], target: vector(1, 2) }
    assertProblem(await api.post('/v1/losses/guess/evaluate', good), 404, 'NOT_FOUND')
    const refused = async (body: object, type = 'huber') =>
      pathsOf(assertProblem(await api.post(`/v1/losses/${type}/evaluate`, body), 422, 'VALIDATION_FAILED'))
    assert.deepEqual(await refused({ ...good, options: { delta: -1, q: 1 }, reduction: 'batchmean' }), [
      '/options/delta',
      '/options/q',
      '/reduction',
    ])
    assert.deepEqual(await refused({ ...good, target: vector(1) }), ['/target/shape'])
    assert.deepEqual(await refused({ ...good, inputs: [{ shape: [3], values: [1, 2] }] }), ['/inputs/0/values', '/target/shape'])
    assert.deepEqual(await refused({ inputs: [], target: 5 }), ['/inputs', '/target'])
    const classes = { inputs: [{ shape: [2, 3], values: [1, 2, 3, 4, 5, 6] }], target: vector(0, 3) }
    assert.deepEqual(await refused(classes, 'crossEntropy'), ['/target/values/1'])
  })
})

describe('an initializer', () => {
  it('an initializer is sampled, the same for the same seed, within its bounds', async () => {
    const body = { shape: [32, 64], options: { gain: 1 }, seed: 11 }
    const answer = await api.post('/v1/initializers/xavierUniform/sample', body)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    const { values, max, min, std } = answer.body
    assert.equal(values.length, 2048)
    assert.ok(max <= 0.25 && min >= -0.25 && max > 0.24)
    near(std, 0.25 / Math.sqrt(3), 0.1)
    assert.deepEqual((await api.post('/v1/initializers/xavierUniform/sample', body)).body, answer.body)
  })

  it('an initializer is refused where its shape or its options do not fit', async () => {
    const refused = async (type: string, body: object) =>
      pathsOf(assertProblem(await api.post(`/v1/initializers/${type}/sample`, body), 422, 'VALIDATION_FAILED'))
    assert.deepEqual(await refused('xavierUniform', { shape: [3] }), ['/shape'])
    assert.deepEqual(await refused('normal', { shape: [10_000, 10_000] }), ['/shape'])
    assert.deepEqual(await refused('normal', { shape: [0], options: { std: -1 } }), ['/shape/0'])
    assertProblem(await api.post('/v1/initializers/magic/sample', { shape: [1] }), 404, 'NOT_FOUND')
  })
})

describe('a prediction', () => {
  it("a prediction comes from the job's weights, for rows by name and for arrays", async () => {
    const { body: job } = await api.post('/v1/jobs', notebook())
    await api.bench.ended(job.id)
    const { parameters } = (await api.get(`/v1/jobs/${job.id}/weights`)).body
    const [[w1, w2], [b]] = parameters.map(({ values }: { values: number[] }) => values)
    for (const body of [
      {
        rows: [
          { x2: 2, x1: 1 },
          { x1: 0, x2: 0, y: 9 },
        ],
      },
      {
        features: [
          [1, 2],
          [0, 0],
        ],
      },
    ]) {
      const answer = await api.post(`/v1/jobs/${job.id}/predictions`, body)
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      near(answer.body.predictions[0][0], w1 + 2 * w2 + b)
      near(answer.body.predictions[1][0], b)
      assert.equal(answer.body.epoch, 3)
    }
    const refused = async (body: object) =>
      pathsOf(assertProblem(await api.post(`/v1/jobs/${job.id}/predictions`, body), 422, 'VALIDATION_FAILED'))
    assert.deepEqual(await refused({ rows: [{ x1: 1 }, { x1: 1, x2: 2, q: 3 }] }), ['/rows/0/x2', '/rows/1/q'])
    assert.deepEqual(await refused({ features: [[1], [1, 2, 3]] }), ['/features/0', '/features/1'])
    assert.deepEqual(await refused({ features: { a: [[1, 2]], b: [[1, 2]] } }), ['/features'])
    const both = await api.post(`/v1/jobs/${job.id}/predictions`, { rows: [{ x1: 1, x2: 2 }], features: [[1, 2]] })
    assert.match(JSON.stringify(assertProblem(both, 422, 'VALIDATION_FAILED')), /leave one of them out/)
    assert.deepEqual(await refused({}), ['/rows'])
  })

  it('a prediction of a job without weights, or of none, is refused', async () => {
    const { body: job } = await api.post('/v1/jobs', notebook({ device: 'gpu' }))
    assertProblem(await api.post(`/v1/jobs/${job.id}/predictions`, { features: [[1, 2]] }), 409, 'CONFLICT')
    assertProblem(await api.post('/v1/jobs/job_nothing/predictions', { features: [[1, 2]] }), 404, 'NOT_FOUND')
  })

  it('a job that was predicted with is a 404 as soon as it is deleted', async () => {
    const job = await api.submit()
    await api.bench.ended(job.id)
    for (let index = 0; index < 2; index++)
      assert.equal((await api.post(`/v1/jobs/${job.id}/predictions`, { features: [[1, 2]] })).status, 200)
    await api.remove(`/v1/jobs/${job.id}`)
    for (let index = 0; index < 2; index++)
      assertProblem(await api.post(`/v1/jobs/${job.id}/predictions`, { features: [[1, 2]] }), 404, 'NOT_FOUND')
  })
})

it('an inference request that no worker answers is a 504, and is cleared away', async () => {
  const alone = await openTestApi({ inferenceTimeoutMs: 100 })
  try {
    assertProblem(await alone.post('/v1/initializers/zeros/sample', { shape: [1] }), 504, 'ENGINE_TIMEOUT')
    while ((await alone.bench.database.prisma.inferenceRequest.count()) > 0) await new Promise(setImmediate)
  } finally {
    await alone.close()
  }
})
